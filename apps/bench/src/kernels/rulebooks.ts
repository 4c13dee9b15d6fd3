import { loadKernels, mostTapsPerSite, type WindowShape } from "simd-kernels";
import type { KernelBench, KernelFamily } from "../kernel-bench.js";

const WINDOW: WindowShape = {
  batchSize: 1,
  shape: [41, 384, 384],
  outputShape: [21, 192, 192],
  kernel: [3, 3, 3],
  stride: [2, 2, 2],
  padding: [1, 1, 1],
  dilation: [1, 1, 1],
};
const [, LINES, CELLS] = WINDOW.shape.map((cells) => cells + 1); // an empty cell behind each axis
const plain = loadKernels("typescript");

/** Keys of cells on a hilly ground, ascending: one to each of `count` columns of the grid. */
function groundKeys(count: number): Float64Array {
  const side = Math.ceil(Math.sqrt(count));
  const keys = Float64Array.from({ length: count }, (_, i) => {
    const [y, x] = [Math.floor(i / side), i % side];
    const z = 20 + Math.round(6 * Math.sin(x / 11) * Math.cos(y / 7));
    return (z * LINES + y) * CELLS + x;
  });
  return keys.sort();
}

/** [sites, 4] batch, z, y, x of the cells with such keys. */
function coordsOf(keys: Float64Array): Int32Array {
  const coords = new Int32Array(4 * keys.length);
  keys.forEach((key, row) => {
    const line = Math.floor(key / CELLS);
    coords.set([0, Math.floor(line / LINES), line % LINES, key % CELLS], 4 * row);
  });
  return coords;
}

const nearby = [-1, 0, 1];
/** Steps from a cell to itself and its 26 neighbours. */
const neighbourShifts = Float64Array.from(
  nearby.flatMap((z) => nearby.flatMap((y) => nearby.map((x) => (z * LINES + y) * CELLS + x))),
);
const TAPS = neighbourShifts.length;

/** A submanifold 3×3×3 rulebook. */
function shiftedPairs(rows: number): KernelBench {
  const keys = groundKeys(rows);
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const room = () => ({
    inputs: new Int32Array(rows * TAPS),
    outputs: new Int32Array(rows * TAPS),
    starts: new Int32Array(TAPS + 1),
  });
  const counted = room();
  plain.shiftedPairs({ keys, order, shifts: neighbourShifts }, counted);
  return {
    name: `shiftedPairs 3×3×3 of ${rows} sites`,
    threads: "one",
    work: { bytes: 12 * rows + 8 * counted.starts[TAPS] },
    prepare: () => {
      const pairs = room();
      const shifted = { keys, order, shifts: neighbourShifts };
      return { out: pairs.starts, run: (kernels) => kernels.shiftedPairs(shifted, pairs) };
    },
  };
}

/** A 3×3×3 rulebook of stride 2. */
function windowPairs(rows: number): KernelBench {
  const coords = coordsOf(groundKeys(rows));
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const most = rows * mostTapsPerSite(WINDOW);
  const room = () => ({
    inputs: new Int32Array(most),
    outputs: new Int32Array(most),
    cells: new Int32Array(most),
    cellCount: new Int32Array(1),
    starts: new Int32Array(28),
  });
  const counted = room();
  plain.windowPairs({ coords, order }, counted, WINDOW);
  return {
    name: `windowPairs 3×3×3 stride 2 of ${rows} sites`,
    threads: "one",
    work: { bytes: 20 * rows + 8 * counted.starts[27] + 4 * counted.cellCount[0] },
    prepare: () => {
      const pairs = room();
      return { out: pairs.starts, run: (kernels) => kernels.windowPairs({ coords, order }, pairs, WINDOW) };
    },
  };
}

/** Sites of a scan, not in the order of their cells. */
function sortSites(rows: number): KernelBench {
  const ascending = groundKeys(rows);
  const step = 7919; // a prime that does not divide `rows`: every key once
  const coords = coordsOf(ascending.map((_, i) => ascending[(i * step) % rows]));
  const grid = { batchSize: 1, shape: WINDOW.shape, margin: [1, 1, 1] as const };
  return {
    name: `sortSites ${rows}`,
    threads: "one",
    work: { bytes: 28 * rows },
    prepare: () => {
      const sorted = { keys: new Float64Array(rows), order: new Int32Array(rows), faults: new Int32Array(2) };
      return { out: sorted.order, run: (kernels) => kernels.sortSites(coords, sorted, grid) };
    },
  };
}

/** What the rulebooks of sparse convolution are made of. */
export const rulebooks: KernelFamily = (size) => [
  sortSites(size(20_000)),
  shiftedPairs(size(20_000)),
  windowPairs(size(20_000)),
];
