import { randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import { guarded } from "./arrays.js";
import { describeLayers } from "./layers.js";

/** Differences summed in float64. */
function naiveDistances(x: Float32Array, rows: number, dims: number): Float64Array {
  const out = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < rows; j++)
      for (let d = 0; d < dims; d++) out[i * rows + j] += (x[i * dims + d] - x[j * dims + d]) ** 2;
  return out;
}

describeLayers("rowPairDistances", (kernels) => {
  it("measures a 3-4-5 triangle", () => {
    const out = new Float32Array(9);
    kernels.rowPairDistances(Float32Array.of(0, 0, 3, 0, 3, 4), out, { rows: 3, dims: 2 });
    [0, 9, 25, 9, 0, 16, 25, 16, 0].forEach((d, i) => {
      expect(out[i]).toBeCloseTo(d, 4);
    });
  });

  for (const [rows, dims] of [
    [0, 3],
    [1, 5],
    [2, 0],
    [5, 1],
    [16, 7],
    [17, 300],
    [64, 513],
    [129, 40],
  ])
    it(`agrees with the definition for ${rows} rows of ${dims}, near and far from the origin`, () => {
      const rng = seededRandom(rows + dims);
      for (const offset of [0, 100]) {
        const x = randomFloats(rng, rows * dims).map((v) => v + offset);
        if (rows > 4) {
          x.copyWithin(3 * dims, dims, 2 * dims); // row 3 repeats row 1
          for (let d = 0; d < dims; d++) x[4 * dims + d] = x[dims + d] + 2 ** -10; // row 4 lies next to it
        }
        const out = guarded(rows * rows);
        kernels.rowPairDistances(x, out.array, { rows, dims });
        out.check("rowPairDistances");
        const expected = naiveDistances(x, rows, dims);
        let largest = 0;
        for (const d of expected) largest = Math.max(largest, d);
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < rows; j++) {
            const got = out.array[i * rows + j];
            expect(got).toBe(out.array[j * rows + i]);
            expect(got).toBeGreaterThanOrEqual(0);
            // The centred rows carry one rounding of the offset (2⁻²⁴·offset per entry); the Gram form loses at most
            // 6 of the 24 bits before the kernel sums the differences instead.
            const rounding = 2 * 2 ** -23 * offset * Math.sqrt(expected[i * rows + j] * dims);
            expect(Math.abs(got - expected[i * rows + j])).toBeLessThanOrEqual(
              2e-5 * expected[i * rows + j] + rounding + 1e-12 * largest,
            );
          }
        for (let i = 0; i < rows; i++) expect(out.array[i * rows + i]).toBe(0);
        if (rows > 4) expect(out.array[1 * rows + 3]).toBe(0);
      }
    });
});
