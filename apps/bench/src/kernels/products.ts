import type { Precision } from "simd-kernels";
import { inPrecision, type KernelBench, type KernelFamily } from "../kernel-bench.js";

function gemm([m, n, k]: readonly [number, number, number], precision?: Precision): KernelBench {
  return {
    name: inPrecision(`gemm ${m}×${n}×${k}`, precision),
    threads: "one",
    work: { flop: 2 * m * n * k },
    precision,
    goals: { native: 80, wasm: 28 },
    prepare({ random, zeros }) {
      const [a, b, out] = [random(m * k), random(k * n), zeros(m * n)];
      return { out, run: (kernels) => kernels.gemm(a, b, out, { m, n, k, precision }) };
    },
  };
}

/** Dense products. */
export const products: KernelFamily = (size, precision) => [
  gemm([size(20_000), 64, 64], precision),
  gemm([size(512), size(512), size(512)], precision),
];
