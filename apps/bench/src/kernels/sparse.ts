import type { MappedGemmOptions } from "simd-kernels";
import type { KernelBench, KernelFamily } from "../kernel-bench.js";

/** One tap of a sparse convolution, rows as scattered as can be, with both gradients. */
function mappedGemm(rows: number, channels: number, goal: number): KernelBench[] {
  const inputs = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % rows);
  const outputs = Int32Array.from({ length: rows }, (_, i) => i);
  const map = { taps: 1, starts: Int32Array.of(0, rows), inputs, outputs };
  const options: MappedGemmOptions = { map, inRows: rows, outRows: rows, cin: channels, cout: channels };
  const row = (what: string, prepare: KernelBench["prepare"]): KernelBench => ({
    name: `mappedGemm ${rows}×${channels}×${channels} ${what}`,
    threads: "one",
    work: { flop: 2 * rows * channels ** 2 },
    goals: { native: goal },
    prepare,
  });
  return [
    row("forward", ({ random, zeros }) => {
      const [x, w, out] = [random(rows * channels), random(channels ** 2), zeros(rows * channels)];
      return { out, run: (kernels) => kernels.mappedGemm(x, w, out, options) };
    }),
    row("input gradient", ({ random, zeros }) => {
      const [y, w, out] = [random(rows * channels), random(channels ** 2), zeros(rows * channels)];
      return { out, run: (kernels) => kernels.mappedGemmInputGradient(y, w, out, options) };
    }),
    row("weight gradient", ({ random, zeros }) => {
      const [x, y, out] = [random(rows * channels), random(rows * channels), zeros(channels ** 2)];
      return { out, run: (kernels) => kernels.mappedGemmWeightGradient(x, y, out, options) };
    }),
  ];
}

/** Sparse convolutions: gather, multiply, scatter in one kernel. */
export const sparse: KernelFamily = (size) => [
  ...mappedGemm(size(20_000), 64, 55),
  ...mappedGemm(size(20_000), 16, 35),
];
