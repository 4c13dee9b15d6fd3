import { randomFloats, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { loadKernels } from "../src/index.js";
import { dot, guarded, randomIntegers } from "./arrays.js";
import { addTerm, expectSums, newSums } from "./expect-sums.js";
import { describeLayers } from "./layers.js";

const sizes = [
  [1, 1],
  [5, 3],
  [9, 16],
  [700, 13],
  [40, 70],
] as const;

describeLayers("gatherRows and segmentSum", (kernels) => {
  it("gathers by hand, -1 as zeros", () => {
    const out = new Float32Array(6);
    kernels.gatherRows(Float32Array.of(1, 2, 3, 4), Int32Array.of(1, -1, 0), out, { rows: 2, columns: 2 });
    expect([...out]).toEqual([3, 4, 0, 0, 1, 2]);
  });

  for (const [rows, columns] of sizes)
    it(`agree with the definition for ${rows}×${columns}`, () => {
      const rng = seededRandom(rows + columns);
      const x = randomFloats(rng, rows * columns);
      const indices = randomIntegers(rng, rows + 4, -1, rows);
      const out = guarded(indices.length * columns);
      kernels.gatherRows(x, indices, out.array, { rows, columns });
      out.check("gatherRows");
      indices.forEach((from, i) => {
        for (let c = 0; c < columns; c++) expect(out.array[i * columns + c]).toBe(from < 0 ? 0 : x[from * columns + c]);
      });

      const ids = randomIntegers(rng, rows, -2, 7);
      const sums = guarded(8 * columns); // segment 7 stays empty
      kernels.segmentSum(x, ids, sums.array, { rows, columns, segments: 8 });
      sums.check("segmentSum");
      const expected = newSums(8 * columns);
      for (let i = 0; i < rows * columns; i++) {
        const id = ids[Math.floor(i / columns)];
        if (id >= 0) addTerm(expected, id * columns + (i % columns), x[i], 1);
      }
      expectSums(sums.array, expected, rows, "segmentSum");
    });

  it("copies columns by hand, and leaves the others", () => {
    const x = Float32Array.of(1, 2, 3, 4, 5, 6);
    const out = new Float32Array(8);
    kernels.copyColumns(x, out, { rows: 2, columns: 2, xColumns: 3, xFirst: 1, outColumns: 4, outFirst: 2 });
    expect([...out]).toEqual([0, 0, 2, 3, 0, 0, 5, 6]);
  });

  for (const [rows, columns] of sizes)
    it(`joins ${rows}×${columns} and another matrix, and takes them apart`, () => {
      const rng = seededRandom(7 * rows + columns);
      const other = columns + 3;
      const wide = columns + other;
      const [a, b] = [randomFloats(rng, rows * columns), randomFloats(rng, rows * other)];
      const joined = guarded(rows * wide);
      kernels.copyColumns(a, joined.array, {
        rows,
        columns,
        xColumns: columns,
        xFirst: 0,
        outColumns: wide,
        outFirst: 0,
      });
      const right = { rows, columns: other, xColumns: other, xFirst: 0, outColumns: wide, outFirst: columns };
      kernels.copyColumns(b, joined.array, right);
      joined.check("copyColumns");
      const back = guarded(rows * other);
      const part = { rows, columns: other, xColumns: wide, xFirst: columns, outColumns: other, outFirst: 0 };
      kernels.copyColumns(joined.array, back.array, part);
      back.check("copyColumns");
      expect(back.array).toEqual(b);
      for (let r = 0; r < rows; r++) {
        expect(joined.array.slice(r * wide, r * wide + columns)).toEqual(a.slice(r * columns, (r + 1) * columns));
      }
    });

  it("are adjoint: <gather x, y> = <x, segmentSum y>", () => {
    const rng = seededRandom(21);
    const [x, y, indices] = [randomFloats(rng, 30 * 5), randomFloats(rng, 80 * 5), randomIntegers(rng, 80, -1, 30)];
    const [gathered, summed] = [new Float32Array(80 * 5), new Float32Array(30 * 5)];
    kernels.gatherRows(x, indices, gathered, { rows: 30, columns: 5 });
    kernels.segmentSum(y, indices, summed, { rows: 80, columns: 5, segments: 30 });
    expect(Math.abs(dot(gathered, y) - dot(x, summed))).toBeLessThan(1e-5);
  });

  it("take no rows", () => {
    const none = new Float32Array(0);
    kernels.gatherRows(none, new Int32Array(0), none, { rows: 0, columns: 4 });
    const out = new Float32Array(4).fill(3);
    kernels.segmentSum(none, new Int32Array(0), out, { rows: 0, columns: 4, segments: 1 });
    expect([...out]).toEqual([0, 0, 0, 0]);
  });

  it("refuse indices outside the rows", () => {
    const [x, out] = [new Float32Array(4), new Float32Array(4)];
    expect(() => kernels.gatherRows(x, Int32Array.of(0, 2), out, { rows: 2, columns: 2 })).toThrow(
      "gatherRows: expected -1..1 for indices[1], got 2",
    );
    const columns = { rows: 1, columns: 2, xColumns: 4, xFirst: 3, outColumns: 4, outFirst: 0 };
    expect(() => kernels.copyColumns(x, out, columns)).toThrow(
      "copyColumns: expected at most 4 for xFirst + columns, got 5",
    );
    expect(() => kernels.copyColumns(x, out, { ...columns, xFirst: 0, outFirst: 3 })).toThrow(
      "for outFirst + columns, got 5",
    );
    expect(() => kernels.gatherRows(x, Int32Array.of(-2, 0), out, { rows: 2, columns: 2 })).toThrow("got -2");
    expect(() => kernels.segmentSum(x, Int32Array.of(5, 2), out, { rows: 2, columns: 2, segments: 2 })).toThrow(
      "for segmentIds[0], got 5",
    );
  });
});

describe("index check", () => {
  it("finds the last of many", () => {
    const { gatherRows } = loadKernels("typescript");
    const indices = new Int32Array(10_000);
    indices[9_999] = 1;
    expect(() => gatherRows(new Float32Array(1), indices, new Float32Array(10_000), { rows: 1, columns: 1 })).toThrow(
      "indices[9999]",
    );
  });
});
