import type { MappedGemmOptions, Precision } from "simd-kernels";
import { inPrecision, type KernelBench, type KernelFamily } from "../kernel-bench.js";

/** One tap of a sparse convolution, rows as scattered as can be, with both gradients. */
function mappedGemm(
  { rows, channels, goal }: { rows: number; channels: number; goal: number },
  precision?: Precision,
): KernelBench[] {
  const inputs = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % rows);
  const outputs = Int32Array.from({ length: rows }, (_, i) => i);
  const map = { taps: 1, starts: Int32Array.of(0, rows), inputs, outputs };
  const options: MappedGemmOptions = { map, inRows: rows, outRows: rows, cin: channels, cout: channels, precision };
  const row = (what: string, prepare: KernelBench["prepare"]): KernelBench => ({
    name: inPrecision(`mappedGemm ${rows}×${channels}×${channels} ${what}`, precision),
    threads: "one",
    work: { flop: 2 * rows * channels ** 2 },
    precision,
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
export const sparse: KernelFamily = (size, precision) => [
  ...mappedGemm({ rows: size(20_000), channels: 64, goal: 55 }, precision),
  ...mappedGemm({ rows: size(20_000), channels: 16, goal: 35 }, precision),
];
