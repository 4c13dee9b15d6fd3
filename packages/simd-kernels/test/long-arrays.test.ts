import { randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import { describeLayers } from "./layers.js";

// Results of 2²⁰ entries and more are written past the caches: none may be left out or written twice, wherever
// the array lies and however its last vectors and rows end.
const LONG = 2 ** 20;
const values = randomFloats(seededRandom(1), LONG + 200_000);

describeLayers("long arrays", (kernels) => {
  it.each([0, 1, 4])("relu of an array that starts %i entries behind a line", (offset) => {
    const length = LONG + 37;
    const x = kernels.createArray(length + offset).subarray(offset);
    x.set(values.subarray(0, length));
    const out = kernels.createArray(length + offset + 16).fill(7);
    kernels.unary(x, out.subarray(offset, offset + length), { operation: "relu" });
    expect(x.findIndex((value, i) => out[offset + i] !== Math.max(value, 0))).toBe(-1);
    expect([...out.subarray(offset + length)]).toEqual(Array(16).fill(7));
  });

  it.each([
    [128, 0],
    [132, 4],
    [130, 0],
    [96, 1],
  ])("a product with a row of %i columns, %i entries behind a line", (columns, offset) => {
    const rows = Math.ceil(LONG / columns) + 3;
    const [a, row] = [values.subarray(0, rows * columns), values.subarray(7, 7 + columns)];
    const out = kernels.createArray(rows * columns + offset).subarray(offset);
    kernels.binary(a, row, out, { operation: "mul", rows, columns, aMode: "full", bMode: "row" });
    expect(out.findIndex((value, i) => value !== Math.fround(a[i] * row[i % columns]))).toBe(-1);
  });

  it.each([
    [128, 0],
    [132, 4],
    [130, 0],
    [96, 1],
  ])("the edge gradient of %i samples, %i entries behind a line", (samples, offset) => {
    const dims = Math.ceil(LONG / samples) + 3;
    const x = values.subarray(0, dims * samples);
    const out = kernels.createArray(dims * samples + offset).subarray(offset);
    const neighbours = Int32Array.from({ length: samples }, (_, i) => i ^ 1);
    const weights = Float64Array.from(neighbours, (_, i) => (i % 2 === 0 ? 2 : 0)); // edges 0 → 1, 2 → 3…
    kernels.edgeGradient({ x, neighbours, weights }, out, { images: 1, dims, samples });
    expect(out.findIndex((value, i) => value !== 2 * Math.fround(x[i] - x[i ^ 1]))).toBe(-1);
  });

  it("columns of a matrix into another's, whose others stay", () => {
    const [columns, xColumns, outColumns] = [72, 80, 88];
    const rows = Math.ceil(LONG / columns) + 1;
    const x = Float32Array.from({ length: rows * xColumns }, (_, i) => i % 9973);
    const out = kernels.createArray(rows * outColumns).fill(-1);
    kernels.copyColumns(x, out, { rows, columns, xColumns, xFirst: 5, outColumns, outFirst: 8 });
    const wanted = (i: number) => {
      const [row, column] = [Math.floor(i / outColumns), (i % outColumns) - 8];
      return column >= 0 && column < columns ? x[row * xColumns + 5 + column] : -1;
    };
    expect(out.findIndex((value, i) => value !== wanted(i))).toBe(-1);
  });
});
