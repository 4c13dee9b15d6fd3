import { normalSamples, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { kthNeighbours, type Norm, nearestNeighbours } from "../src/index.js";
import { allNearest } from "./oracle/all-nearest.js";

type Change = (value: number, i: number, dims: number) => number;

/** Samples that are hard in some way, made from standard normal numbers. */
const kinds: readonly (readonly [string, Change])[] = [
  ["normal", (v) => v],
  ["a lattice full of ties", (v) => Math.round(v)],
  ["many equal samples", (v, i, dims) => (Math.floor(i / dims) % 3 === 0 ? 0 : v)],
  ["only equal samples", () => 2],
  ["an offset common to all", (v) => 1e6 + 1e-3 * v],
  ["clusters far apart", (v, i, dims) => v + 1e7 * (Math.floor(i / dims) % 5)],
  ["one sample far out", (v, i) => (i === 0 ? 1e12 : v)],
  ["squares beyond float32", (v) => 1e-25 * v],
];

/** Sizes for every way of searching: every pair, the tree (1 to 5 dimensions), blocks (6 and more). */
const sizes: readonly (readonly [rows: number, dims: number, k: number])[] = [
  [2, 1, 1],
  [9, 2, 8],
  [190, 1, 3],
  [70, 2, 69],
  [150, 3, 4],
  [100, 5, 2],
  [80, 6, 3],
  [127, 16, 5],
  [80, 7, 79],
];

function checkAgainstAllPairs(rows: number, dims: number, k: number, norm: Norm, change: Change): void {
  const x = normalSamples(seededRandom(rows), rows * dims).map((value, i) => change(value, i, dims));
  const expected = allNearest(x, { rows, dims, k, norm });
  const actual = nearestNeighbours(x, { rows, dims, k, norm });
  expect([...actual.neighbours]).toEqual(expected.neighbours.flat());
  expected.distances.flat().forEach((distance, at) => {
    expect(Math.abs(actual.distances[at] - distance)).toBeLessThanOrEqual(1e-14 * distance);
  });
}

describe("nearestNeighbours", () => {
  it("by hand: four points on a line, the tie at 1 going to the lower index", () => {
    const { neighbours, distances } = nearestNeighbours(Float32Array.of(0, 1, 2, 5), { rows: 4, dims: 1, k: 2 });
    expect([...neighbours]).toEqual([1, 2, 0, 2, 1, 0, 2, 1]);
    expect([...distances]).toEqual([1, 2, 1, 1, 1, 2, 3, 4]);
  });

  describe.each(kinds)("equals all pairs: %s", (_, change) => {
    it.each(sizes)("%i samples in R^%i, k = %i", (rows, dims, k) => {
      checkAgainstAllPairs(rows, dims, k, "euclidean", change);
      checkAgainstAllPairs(rows, dims, k, "max", change);
    });
  });

  it("more samples than a block of the distance matrix holds", () => {
    const [rows, dims, k] = [4100, 6, 2];
    const x = normalSamples(seededRandom(2), rows * dims);
    const { neighbours } = nearestNeighbours(x, { rows, dims, k });
    const some = [0, 17, 4095, 4096, 4099];
    for (const row of some) {
      const all = Array.from({ length: rows }, (_, other) => {
        let squared = 0;
        for (let d = 0; d < dims; d++) squared += (x[row * dims + d] - x[other * dims + d]) ** 2;
        return { other, squared };
      });
      const nearest = all.filter(({ other }) => other !== row).sort((a, b) => a.squared - b.squared);
      expect([...neighbours.subarray(row * k, row * k + k)]).toEqual(nearest.slice(0, k).map(({ other }) => other));
    }
  });

  it.each([
    [150, 3],
    [150, 20],
    [10, 2],
  ])("%i samples in R^%i: NaN and infinite samples have no neighbours and are none", (rows, dims) => {
    const x = normalSamples(seededRandom(4), rows * dims);
    x[3 * dims] = Number.NaN;
    x[5 * dims + 1] = Infinity;
    for (const norm of ["euclidean", "max"] as const) {
      const { neighbours, distances } = nearestNeighbours(x, { rows, dims, k: 2, norm });
      const expected = allNearest(x, { rows, dims, k: 2, norm }).neighbours;
      expected.forEach((own, row) => {
        const wanted = own.length === 2 ? own : [-1, -1];
        expect([...neighbours.subarray(2 * row, 2 * row + 2)]).toEqual(wanted);
      });
      expect(distances[6]).toBeNaN();
      expect(distances[11]).toBeNaN();
    }
  });

  it("ends with the k-th neighbour, whichever way that is found", () => {
    for (const [rows, dims, k] of [
      [300, 2, 3],
      [120, 40, 6],
    ]) {
      const x = Float32Array.from(normalSamples(seededRandom(6), rows * dims));
      const { neighbours } = nearestNeighbours(x, { rows, dims, k });
      const last = Array.from({ length: rows }, (_, row) => neighbours[row * k + k - 1]);
      expect([...kthNeighbours(x, { rows, dims, k }).neighbours]).toEqual(last);
    }
  });

  it("refuses what it cannot do", () => {
    const x = new Float32Array(6);
    expect(() => nearestNeighbours(x, { rows: 3, dims: 2, k: 3 })).toThrow("integer in 1..rows - 1 = 2 for k, got 3");
    expect(() => nearestNeighbours(x, { rows: 3, dims: 2, k: 1, norm: "l1" as Norm })).toThrow("for norm, got l1");
  });
});
