import { randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import { loadKernels, type NeighbourTree } from "../src/index.js";
import { describeLayers } from "./layers.js";

type Norm = "euclidean" | "max";

interface Lists {
  readonly distances: Float64Array;
  readonly indices: Int32Array;
}

/** Every pair measured, coordinate by coordinate, and sorted by (distance, index). */
function naiveLists(x: Float64Array, dims: number, k: number, norm: Norm): Lists {
  const samples = x.length / dims;
  const [distances, indices] = [new Float64Array(samples * k).fill(Infinity), new Int32Array(samples * k).fill(-1)];
  for (let i = 0; i < samples; i++) {
    const others: { j: number; distance: number }[] = [];
    for (let j = 0; j < samples; j++) {
      let distance = 0;
      for (let d = 0; d < dims; d++) {
        const difference = x[i * dims + d] - x[j * dims + d];
        distance = norm === "max" ? Math.max(distance, Math.abs(difference)) : distance + difference * difference;
      }
      if (j !== i && distance < Infinity) others.push({ j, distance });
    }
    others.sort((a, b) => a.distance - b.distance || a.j - b.j);
    others.slice(0, k).forEach(({ j, distance }, place) => {
      distances[i * k + place] = distance;
      indices[i * k + place] = j;
    });
  }
  return { distances, indices };
}

/** The finite samples sorted along their first coordinate and cut into leaves. */
function treeOf(x: Float64Array, dims: number, leaves: number): NeighbourTree {
  const sample = (i: number) => x.subarray(i * dims, (i + 1) * dims);
  const order = Int32Array.from({ length: x.length / dims }, (_, i) => i)
    .filter((i) => sample(i).every(Number.isFinite))
    .sort((a, b) => x[a * dims] - x[b * dims] || b - a);
  const points = Float64Array.from([...order].flatMap((i) => [...sample(i)]));
  const [starts, ends] = [new Int32Array(2 * leaves), new Int32Array(2 * leaves)];
  const boxes = new Float64Array(4 * leaves * dims);
  for (let node = 2 * leaves - 1; node > 0; node--) {
    starts[node] = node < leaves ? starts[2 * node] : Math.floor((order.length * (node - leaves)) / leaves);
    ends[node] = node < leaves ? ends[2 * node + 1] : Math.floor((order.length * (node - leaves + 1)) / leaves);
    for (let d = 0; d < dims; d++) {
      let [low, high] = [Infinity, -Infinity];
      for (let i = starts[node]; i < ends[node]; i++) {
        low = Math.min(low, points[i * dims + d]);
        high = Math.max(high, points[i * dims + d]);
      }
      boxes[node * 2 * dims + d] = low;
      boxes[(node * 2 + 1) * dims + d] = high;
    }
  }
  return { points, index: order, starts, ends, boxes };
}

const doubles = (seed: number, length: number) => Float64Array.from(randomFloats(seededRandom(seed), length));
/** Samples on a coarse lattice: many distances are equal, some are 0. */
const lattice = (seed: number, length: number) => doubles(seed, length).map((v) => Math.round(2 * v));

describeLayers("treeNeighbours", (kernels) => {
  const search = (x: Float64Array, dims: number, leaves: number, k: number, norm: Norm): Lists => {
    const samples = x.length / dims;
    // outputs of any content, between sentinels
    const [distances, indices] = [new Float64Array(samples * k + 2).fill(-5), new Int32Array(samples * k + 2).fill(-5)];
    const own = {
      distances: distances.subarray(1, samples * k + 1),
      indices: indices.subarray(1, samples * k + 1),
    };
    kernels.treeNeighbours(treeOf(x, dims, leaves), own, { samples, dims, k, norm });
    expect([distances[0], distances.at(-1), indices[0], indices.at(-1)]).toEqual([-5, -5, -5, -5]);
    return own;
  };

  it("by hand: 0, 1, 3 and 7 on a line", () => {
    const { distances, indices } = search(Float64Array.of(7, 0, 3, 1), 1, 2, 2, "euclidean");
    expect([...indices]).toEqual([2, 3, 3, 2, 3, 1, 1, 2]);
    expect([...distances]).toEqual([16, 36, 1, 9, 4, 9, 1, 4]);
  });

  it.each([
    [1, 1, 1, 1],
    [2, 3, 1, 1],
    [50, 1, 8, 3],
    [90, 2, 16, 5],
    [700, 3, 64, 4],
    [60, 5, 4, 59],
    [40, 12, 4, 45], // more neighbours than there are samples
  ])(
    "lists what a comparison of all pairs lists: %i samples in R^%i, %i leaves, k = %i",
    (samples, dims, leaves, k) => {
      for (const norm of ["euclidean", "max"] as const)
        for (const make of [doubles, lattice]) {
          const x = make(samples + dims, samples * dims);
          expect(search(x, dims, leaves, k, norm)).toEqual(naiveLists(x, dims, k, norm));
        }
    },
  );

  it("leaves samples that the tree does not hold without neighbours", () => {
    const x = doubles(3, 60);
    x[7] = Number.NaN;
    x[31] = Infinity;
    const { distances, indices } = search(x, 3, 4, 2, "euclidean");
    const expected = naiveLists(x, 3, 2, "euclidean");
    expect(indices).toEqual(expected.indices);
    expect(distances).toEqual(expected.distances);
    expect([...indices.subarray(4, 6), ...indices.subarray(20, 22)]).toEqual([-1, -1, -1, -1]);
  });
});

describeLayers("boundedNeighbours", (kernels) => {
  /** Exact squared distances less a share, in float32: true lower bounds. */
  function boundsOf(x: Float64Array, dims: number, rows: readonly number[], columns: readonly number[]): Float32Array {
    const bound = (i: number, j: number) => {
      let square = 0;
      for (let d = 0; d < dims; d++) square += (x[i * dims + d] - x[j * dims + d]) ** 2;
      return Number.isNaN(square) ? 0 : 0.9 * square; // past the last sample: must not be read
    };
    return Float32Array.from(rows.flatMap((i) => columns.map((j) => bound(i, j))));
  }
  const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

  it.each([
    [1, 1, 1, 1, 1],
    [30, 7, 3, 8, 16],
    [100, 16, 4, 32, 100],
    [257, 3, 9, 64, 90],
  ])(
    "lists what a comparison of all pairs lists: %i samples in R^%i, k = %i, blocks of %i×%i",
    (samples, dims, k, height, width) => {
      for (const make of [doubles, lattice]) {
        const x = make(samples, samples * dims);
        const distances = new Float64Array(samples * k).fill(Infinity);
        const indices = new Int32Array(samples * k).fill(-1);
        for (let column = 0; column < samples; column += width)
          for (let row = 0; row < samples; row += height) {
            const bounds = boundsOf(x, dims, range(row, height), range(column, width));
            const options = { row, column, height, width, samples, dims, k, unit: 1, slack: 1e-30, most: 1e30 };
            kernels.boundedNeighbours({ bounds, values: x }, { distances, indices }, options);
          }
        expect({ distances, indices }).toEqual(naiveLists(x, dims, k, "euclidean"));
      }
    },
  );

  it("measures nothing whose bound is above the largest that counts", () => {
    const [distances, indices] = [new Float64Array(2).fill(Infinity), new Int32Array(2).fill(-1)];
    const options = { row: 0, column: 0, height: 2, width: 2, samples: 2, dims: 1, k: 1, unit: 1, slack: 0, most: 10 };
    const bounds = Float32Array.of(0, 11, 10, 0);
    kernels.boundedNeighbours({ bounds, values: Float64Array.of(0, 4) }, { distances, indices }, options);
    expect([...distances]).toEqual([Infinity, 16]);
    expect([...indices]).toEqual([-1, 0]);
  });
});

it("refuses trees and blocks that lead outside of their arrays", () => {
  const kernels = loadKernels("typescript");
  const tree = treeOf(doubles(1, 12), 2, 2);
  const search = (changes: Partial<NeighbourTree>, k = 1) => {
    const lists = { distances: new Float64Array(6 * k), indices: new Int32Array(6 * k) };
    kernels.treeNeighbours({ ...tree, ...changes }, lists, { samples: 6, dims: 2, k, norm: "euclidean" });
  };
  expect(() => search({})).not.toThrow();
  expect(() => search({ index: Int32Array.of(0, 1, 2, 3, 4, 6) })).toThrow(RangeError);
  expect(() => search({ index: Int32Array.of(0, 1, 2, 3, 4, 4) })).toThrow(
    "expected every row once in index, got 4 twice",
  );
  expect(() => search({ ends: Int32Array.of(0, 6, 3, 7) })).toThrow(RangeError);
  expect(() => search({ starts: new Int32Array(3) })).toThrow(/power of two.*got 3/);
  expect(() => search({ boxes: new Float64Array(8) })).toThrow(RangeError);
  expect(() => search({}, 0)).toThrow(RangeError);
  const options = { row: 0, column: 0, height: 2, width: 3, samples: 6, dims: 2, k: 1, unit: 1, slack: 0, most: 1 };
  const lists = { distances: new Float64Array(6), indices: new Int32Array(6) };
  const samples = { bounds: new Float32Array(5), values: new Float64Array(12) };
  expect(() => kernels.boundedNeighbours(samples, lists, options)).toThrow(/expected 6 entries.*bounds/);
});
