import type { KernelFamily } from "../kernel-bench.js";

/** Rows moved and added up by index, in scattered order; each is read and written once. */
export const rowMoves: KernelFamily = (size) => {
  const [rows, columns] = [size(20_000), 64];
  const order = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % rows);
  const [left, right, pixels] = [256, 256, size(35_200)];
  const work = { bytes: 8 * rows * columns + 4 * rows };
  return [
    {
      name: `copyColumns ${pixels}×${left} into ${pixels}×${left + right}`,
      threads: "all",
      work: { bytes: 8 * pixels * left },
      goals: { native: 60 },
      prepare({ random, zeros }) {
        const [x, out] = [random(pixels * left), zeros(pixels * (left + right))];
        const sizes = {
          rows: pixels,
          columns: left,
          xColumns: left,
          xFirst: 0,
          outColumns: left + right,
          outFirst: right,
        };
        return { out, run: (kernels) => kernels.copyColumns(x, out, sizes) };
      },
    },
    {
      name: `gatherRows ${rows}×${columns}`,
      threads: "all",
      work,
      goals: { native: 60 },
      prepare({ random, zeros }) {
        const [x, out] = [random(rows * columns), zeros(rows * columns)];
        return { out, run: (kernels) => kernels.gatherRows(x, order, out, { rows, columns }) };
      },
    },
    {
      name: `segmentSum ${rows}×${columns}`,
      threads: "all",
      work,
      goals: { native: 60 },
      prepare({ random, zeros }) {
        const [x, out] = [random(rows * columns), zeros(rows * columns)];
        return { out, run: (kernels) => kernels.segmentSum(x, order, out, { rows, columns, segments: rows }) };
      },
    },
  ];
};
