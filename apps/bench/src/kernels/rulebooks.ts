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
const [DEPTH, LINES, CELLS] = WINDOW.shape.map((cells) => cells + 1); // an empty cell behind each axis
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

/** Steps from a cell to the half of its 26 neighbours that come before it. */
const neighbourGaps = Float64Array.from(
  [1, 0]
    .flatMap((z) => (z ? [1, 0, -1] : [1, 0]).map((y) => (z * LINES + y) * CELLS))
    .flatMap((line) => (line ? [line + 1, line, line - 1] : [1])),
);

/** 13 directions of a submanifold 3×3×3 rulebook. */
function gapPairs(rows: number): KernelBench {
  const keys = groundKeys(rows);
  const room = () => {
    const [lower, upper] = [new Int32Array(rows * neighbourGaps.length), new Int32Array(rows * neighbourGaps.length)];
    return { lower, upper, starts: new Int32Array(neighbourGaps.length + 1) };
  };
  const counted = room();
  plain.gapPairs(keys, neighbourGaps, counted);
  return {
    name: `gapPairs of ${rows} sites, 13 gaps`,
    threads: "one",
    work: { bytes: 8 * rows + 8 * counted.starts[neighbourGaps.length] },
    prepare: () => {
      const pairs = room();
      return { out: pairs.starts, run: (kernels) => kernels.gapPairs(keys, neighbourGaps, pairs) };
    },
  };
}

/** A 3×3×3 rulebook of stride 2. */
function windowPairs(rows: number): KernelBench {
  const coords = new Int32Array(4 * rows);
  groundKeys(rows).forEach((key, row) => {
    const line = Math.floor(key / CELLS);
    coords.set([0, Math.floor(line / LINES) % DEPTH, line % LINES, key % CELLS], 4 * row);
  });
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
  plain.windowPairs(coords, order, WINDOW, counted);
  return {
    name: `windowPairs 3×3×3 stride 2 of ${rows} sites`,
    threads: "one",
    work: { bytes: 20 * rows + 8 * counted.starts[27] + 4 * counted.cellCount[0] },
    prepare: () => {
      const pairs = room();
      return { out: pairs.starts, run: (kernels) => kernels.windowPairs(coords, order, WINDOW, pairs) };
    },
  };
}

/** Sites in the order of the scan, sorted by cell. */
function sortKeys(rows: number): KernelBench {
  const ascending = groundKeys(rows);
  const step = 7919; // a prime that does not divide `rows`: every key once
  const keys = ascending.map((_, i) => ascending[(i * step) % rows]);
  return {
    name: `sortKeys ${rows}`,
    threads: "one",
    work: { bytes: 20 * rows },
    prepare: () => {
      const [sorted, order] = [new Float64Array(rows), new Int32Array(rows)];
      return { out: order, run: (kernels) => kernels.sortKeys(keys, sorted, order) };
    },
  };
}

/** What the rulebooks of sparse convolution are made of. */
export const rulebooks: KernelFamily = (size) => [
  sortKeys(size(20_000)),
  gapPairs(size(20_000)),
  windowPairs(size(20_000)),
];
