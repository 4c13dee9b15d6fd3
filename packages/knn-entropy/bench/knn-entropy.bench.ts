import { kernels } from "simd-kernels";
import { normalSamples, seededRandom } from "test-support";
import { bench, describe } from "vitest";
import { klEntropy, klEntropyGradient } from "../src/index.js";
import { allPairsNeighbours } from "../test/oracle/all-pairs.js";

const { layer, instructionSet, threads } = kernels();

describe.each([
  [64, 2304, 6],
  [128, 576, 12],
  [128, 8800, 12],
])(`%i samples in R^%i, k = %i (${layer} ${instructionSet}, ${threads} threads)`, (rows, dims, k) => {
  const x = Float32Array.from(normalSamples(seededRandom(1), rows * dims), (v) => Math.max(0, v));
  const options = { rows, dims, k };
  const result = klEntropy(x, options);
  const expected = allPairsNeighbours(x, { rows, dims, k, norm: "euclidean" });
  if (result.neighbours.join() !== expected.neighbours.join()) throw new Error("neighbours differ from all pairs");

  bench("entropy", () => {
    klEntropy(x, options);
  });
  bench("entropy and gradient", () => {
    klEntropyGradient(x, klEntropy(x, options), options);
  });
});
