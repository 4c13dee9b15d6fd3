import { randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import { guarded, randomIntegers } from "./arrays.js";
import { expectSums, newSums } from "./expect-sums.js";
import { describeLayers } from "./layers.js";

describeLayers("edgeGradient", (kernels) => {
  it("by hand: three samples in the plane", () => {
    const out = new Float32Array(6);
    // columns (0, 0), (1, 4), (3, 5); edges 0 → 1 with weight 2, 1 → 2 with weight 1, 2 has none
    const x = Float32Array.of(0, 1, 3, 0, 4, 5);
    const size = { images: 1, dims: 2, samples: 3 };
    kernels.edgeGradient({ x, neighbours: Int32Array.of(1, 2, -1), weights: Float64Array.of(2, 1, 0) }, out, size);
    expect([...out]).toEqual([-2, 2 - 2, 2, -8, 8 - 1, 1]);
  });

  for (const [images, dims, samples] of [
    [0, 3, 4],
    [2, 0, 3],
    [1, 1, 1],
    [3, 31, 7],
    [2, 32, 16],
    [1, 33, 17],
    [1, 700, 33],
    [2, 1100, 9],
  ])
    it(`sums the edges of ${images}×${samples} samples of ${dims} coordinates`, () => {
      const rng = seededRandom(dims + samples);
      const x = randomFloats(rng, images * dims * samples);
      const neighbours = randomIntegers(rng, images * samples, 0, Math.min(samples, 5)); // many meet at a few samples
      const weights = Float64Array.from(randomFloats(rng, images * samples), (w, i) => (i % 4 === 1 ? 0 : w));
      const out = guarded(x.length);
      kernels.edgeGradient({ x, neighbours, weights }, out.array, { images, dims, samples });
      out.check("edgeGradient");
      const expected = newSums(x.length);
      for (let image = 0; image < images; image++)
        for (let d = 0; d < dims; d++)
          for (let i = 0; i < samples; i++) {
            const edge = image * samples + i;
            const row = (image * dims + d) * samples;
            const pull = weights[edge] * (x[row + i] - x[row + neighbours[edge]]);
            for (const [at, sign] of [
              [row + i, 1],
              [row + neighbours[edge], -1],
            ]) {
              expected.value[at] += sign * pull;
              expected.magnitude[at] += Math.abs(pull);
            }
          }
      // a sum of at most samples + 1 pulls, each of them rounded three times
      expectSums(out.array, expected, samples + 4, "edgeGradient");
    });

  it("passes a NaN on along its edge only", () => {
    const out = new Float32Array(3);
    const size = { images: 1, dims: 1, samples: 3 };
    const x = Float32Array.of(1, 2, 4);
    kernels.edgeGradient({ x, neighbours: Int32Array.of(-1, 2, 1), weights: Float64Array.of(NaN, 1, 0) }, out, size);
    expect([...out]).toEqual([NaN, -2, 2]);
  });

  it("refuses a neighbour that is none", () => {
    const size = { images: 1, dims: 1, samples: 2 };
    expect(() =>
      kernels.edgeGradient(
        { x: new Float32Array(2), neighbours: Int32Array.of(0, 2), weights: new Float64Array(2) },
        new Float32Array(2),
        size,
      ),
    ).toThrow("edgeGradient: expected -1..1 for neighbours[1], got 2");
  });
});
