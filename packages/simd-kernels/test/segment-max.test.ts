import { randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import { guarded, randomIntegers } from "./arrays.js";
import { describeLayers } from "./layers.js";

describeLayers("segmentMax", (kernels) => {
  it("keeps the largest of each column and where it came from, by hand", () => {
    const x = Float32Array.of(1, 5, 3, 2, -1, 7);
    const outputs = { values: new Float32Array(6), winners: new Int32Array(6) };
    // Rows 0 and 1; none; row 2.
    kernels.segmentMax(x, Int32Array.of(0, 2, 2, 3), outputs, { rows: 3, columns: 2, segments: 3 });
    expect([...outputs.values]).toEqual([3, 5, -Infinity, -Infinity, -1, 7]);
    expect([...outputs.winners]).toEqual([1, 0, 3, 3, 2, 2]);
  });

  it("keeps the lowest row of equal ones, infinite ones too, and of NaN the highest", () => {
    const column = Float32Array.of(2, 2, -Infinity, -Infinity, Number.NaN, 5, 1, Number.NaN, 9, -0, 0);
    const outputs = { values: new Float32Array(4), winners: new Int32Array(4) };
    kernels.segmentMax(column, Int32Array.of(0, 2, 4, 9, 11), outputs, { rows: 11, columns: 1, segments: 4 });
    expect([...outputs.values]).toEqual([2, -Infinity, Number.NaN, -0]);
    expect([...outputs.winners]).toEqual([0, 2, 7, 9]);
  });

  // Around vectors (4 to 16 columns), tasks (16 384 entries) and segments without rows.
  it.each([
    [0, 3, 2],
    [9, 1, 4],
    [70, 16, 20],
    [300, 33, 11],
    [5000, 67, 900],
  ])("agrees with a sort: %i rows of %i columns in %i segments", (rows, columns, segments) => {
    const rng = seededRandom(rows);
    const x = randomFloats(rng, rows * columns).map((value) => Math.round(4 * value)); // many are equal
    const inner = randomIntegers(rng, segments - 1, 0, rows + 1).sort();
    const starts = Int32Array.of(0, ...inner, rows);
    const values = guarded(segments * columns);
    const winners = new Int32Array(segments * columns);
    kernels.segmentMax(x, starts, { values: values.array, winners }, { rows, columns, segments });
    values.check("segmentMax");
    for (let i = 0; i < segments * columns; i++) {
      const [segment, c] = [Math.floor(i / columns), i % columns];
      const rowsOfIt = Array.from({ length: starts[segment + 1] - starts[segment] }, (_, j) => starts[segment] + j);
      const at = (row: number) => x[row * columns + c];
      const [best] = rowsOfIt.sort((a, b) => at(b) - at(a) || a - b);
      expect([values.array[i], winners[i]]).toEqual(best === undefined ? [-Infinity, rows] : [at(best), best]);
    }
  });

  it.each([
    [[0, 2, 1, 3], "expected ascending starts from 0 for starts, got 1 at 2"],
    [[1, 1, 2, 3], "expected ascending starts from 0 for starts, got 1 at 0"],
    [[0, 1, 2, 2], "expected 3 for the last of starts, got 2"],
  ])("refuses starts %j of three rows", (starts, message) => {
    const outputs = { values: new Float32Array(6), winners: new Int32Array(6) };
    const sizes = { rows: 3, columns: 2, segments: 3 };
    expect(() => kernels.segmentMax(new Float32Array(6), Int32Array.from(starts), outputs, sizes)).toThrow(message);
  });
});
