import type { KernelBench, KernelFamily } from "../kernel-bench.js";

function gemm(m: number, n: number, k: number): KernelBench {
  return {
    name: `gemm ${m}×${n}×${k}`,
    threads: "one",
    work: { flop: 2 * m * n * k },
    goals: { native: 80, wasm: 28 },
    prepare({ random, zeros }) {
      const [a, b, out] = [random(m * k), random(k * n), zeros(m * n)];
      return { out, run: (kernels) => kernels.gemm(a, b, out, { m, n, k }) };
    },
  };
}

/** Dense products. */
export const products: KernelFamily = (size) => [gemm(size(20_000), 64, 64), gemm(size(512), size(512), size(512))];
