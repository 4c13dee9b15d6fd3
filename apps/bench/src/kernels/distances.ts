import type { KernelBench, KernelFamily } from "../kernel-bench.js";

/**
 * Distances of the channels of a feature map, and the neighbours among them that the Entropy Loss needs. Both count the
 * whole Gram matrix, of which one half suffices.
 */
export const distances: KernelFamily = (size) => {
  const [rows, dims] = [128, size(8800)];
  const work = { flop: 2 * rows * rows * dims };
  return [
    {
      name: `rowPairDistances ${rows}×${dims}`,
      threads: "all",
      work,
      prepare({ random, zeros }) {
        const [x, out] = [random(rows * dims), zeros(rows * rows)];
        return { out, run: (kernels) => kernels.rowPairDistances(x, out, { rows, dims }) };
      },
    },
    ...(["one", "all"] as const).map(
      (threads): KernelBench => ({
        name: `kthNeighbours ${rows}×${dims}${threads === "one" ? " on one thread" : ""}`,
        threads,
        work,
        goals: { native: 60 },
        prepare({ random, zeros }) {
          const [x, out] = [random(rows * dims), zeros(rows)];
          const found = { radii: new Float64Array(rows), neighbours: new Int32Array(rows) };
          const options = { images: 1, dims, samples: rows, k: 12 };
          return {
            out,
            run(kernels) {
              kernels.kthNeighbours(x, found, options);
              out.set(found.radii);
            },
          };
        },
      }),
    ),
  ];
};
