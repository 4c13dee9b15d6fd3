import { randomFloats, seededRandom } from "test-support";
import { bench, describe } from "vitest";
import { type Kernels, loadKernels } from "../src/index.js";
import { tryLayer } from "../test/layers.js";

// Operations that are bound by memory, on the activations of one convolution, [8800,128]. GB/s = bytes moved per call
// (in the name) × hz / 1e9.

const candidates: readonly (readonly [string, Kernels | string])[] = [
  ["native, 1 thread", tryLayer("native", { threads: 1 })],
  ["native, all threads", tryLayer("native")],
  ["wasm", tryLayer("wasm")],
  ["typescript", tryLayer("typescript")],
];
const reference = loadKernels("typescript");
const settings = { time: 200, warmupTime: 50, warmupIterations: 1, iterations: 2 };

const [rows, channels] = [8800, 128];
const matrix = { rows, columns: channels };
const norm = { rows, channels, epsilon: 1e-3, relu: true };
const rng = seededRandom(2);
const [x, y] = [randomFloats(rng, rows * channels), randomFloats(rng, rows * channels)];
const [gamma, beta] = [randomFloats(rng, channels), randomFloats(rng, channels)];
const [mean, variance, dgamma, dbeta] = [0, 1, 2, 3].map(() => new Float32Array(channels).fill(0.5));
const order = Int32Array.from({ length: rows }, (_, i) => (i * 3571) % rows);

/** One suite; `passes` counts the arrays of [rows, channels] that are read or written. */
function suite(name: string, passes: number, run: (kernels: Kernels, out: Float32Array) => void): void {
  describe(`${name}, ${((4 * passes * rows * channels) / 1e9).toFixed(4)} GB`, () => {
    const expected = new Float32Array(rows * channels);
    run(reference, expected);
    for (const [label, kernels] of candidates) {
      if (typeof kernels === "string") {
        bench.skip(`${label} [skipped: ${kernels}]`, () => {});
        continue;
      }
      const out = new Float32Array(rows * channels);
      run(kernels, out);
      for (let i = 0; i < out.length; i++) {
        if (!(Math.abs(out[i] - expected[i]) <= 1e-4 * (1 + Math.abs(expected[i])))) {
          throw new Error(`${name}, ${label}: wrong at ${i}`);
        }
      }
      bench(label, () => run(kernels, out), settings);
    }
  });
}

suite("batchNormReluForward", 3, (kernels, out) =>
  kernels.batchNormReluForward({ x, gamma, beta }, { out, mean, variance }, norm),
);
suite("batchNormReluBackward", 5, (kernels, out) =>
  kernels.batchNormReluBackward(
    { x, outGradient: y, gamma, beta, mean, variance },
    { inputGradient: out, gammaGradient: dgamma, betaGradient: dbeta },
    norm,
  ),
);
suite("binary add", 3, (kernels, out) =>
  kernels.binary(x, y, out, { operation: "add", ...matrix, aMode: "full", bMode: "full" }),
);
suite("binary mul by a row", 2, (kernels, out) =>
  kernels.binary(x, gamma, out, { operation: "mul", ...matrix, aMode: "full", bMode: "row" }),
);
suite("unary relu", 2, (kernels, out) => kernels.unary(x, out, { operation: "relu" }));
suite("gatherRows", 2, (kernels, out) => kernels.gatherRows(x, order, out, matrix));
suite("segmentSum", 2, (kernels, out) => kernels.segmentSum(x, order, out, { ...matrix, segments: rows }));
suite("reduce columns", 1, (kernels, out) =>
  kernels.reduce(x, out.subarray(0, channels), { operation: "sum", outer: rows, inner: channels, axis: "outer" }),
);
