import type { KernelFamily } from "../kernel-bench.js";

/** Rows moved and added up by index, in scattered order; each is read and written once. */
export const rowMoves: KernelFamily = (size) => {
  const [rows, columns] = [size(20_000), 64];
  const order = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % rows);
  const work = { bytes: 8 * rows * columns + 4 * rows };
  return [
    {
      name: `gatherRows ${rows}×${columns}`,
      threads: "all",
      work,
      goals: { native: 60 },
      prepare({ random }) {
        const [x, out] = [random(rows * columns), new Float32Array(rows * columns)];
        return { out, run: (kernels) => kernels.gatherRows(x, order, out, { rows, columns }) };
      },
    },
    {
      name: `segmentSum ${rows}×${columns}`,
      threads: "all",
      work,
      goals: { native: 60 },
      prepare({ random }) {
        const [x, out] = [random(rows * columns), new Float32Array(rows * columns)];
        return { out, run: (kernels) => kernels.segmentSum(x, order, out, { rows, columns, segments: rows }) };
      },
    },
  ];
};
