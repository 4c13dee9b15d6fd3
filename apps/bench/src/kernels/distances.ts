import type { KernelFamily } from "../kernel-bench.js";

/** Distances of all pairs of channels of a feature map: what the k-th neighbour of the Entropy Loss costs. */
export const distances: KernelFamily = (size) => {
  const [rows, dims] = [128, size(8800)];
  return [
    {
      name: `rowPairDistances ${rows}×${dims}`,
      threads: "all",
      work: { flop: 2 * rows * rows * dims },
      goals: { native: 60 },
      prepare({ random }) {
        const [x, out] = [random(rows * dims), new Float32Array(rows * rows)];
        return { out, run: (kernels) => kernels.rowPairDistances(x, out, { rows, dims }) };
      },
    },
  ];
};
