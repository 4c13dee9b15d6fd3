import type { Precision } from "simd-kernels";
import { inPrecision, type KernelBench, type KernelFamily } from "../kernel-bench.js";
import { CHAIN, chainValues, copyLength, flopOfChain } from "../machine-limits.js";

function chain(rounds: number, precision?: Precision): KernelBench {
  return {
    name: inPrecision("multiplyAddChain, in registers", precision),
    threads: "all",
    work: { flop: flopOfChain(chainValues(4), { rounds, precision }) },
    precision,
    prepare() {
      const out = new Float32Array(chainValues(4)).fill(1);
      return { out, run: (kernels) => kernels.multiplyAddChain(out, { ...CHAIN, rounds, precision }) };
    },
  };
}

/** What the other rows are compared with, as each layer does it. */
export const limits: KernelFamily = (size) => [
  chain(size(CHAIN.rounds)),
  chain(size(CHAIN.rounds), "bfloat16"),
  {
    name: `copy of ${size(copyLength)} floats`,
    threads: "all",
    work: { bytes: 8 * size(copyLength) },
    prepare({ random, zeros }) {
      const [x, out] = [random(size(copyLength)), zeros(size(copyLength))];
      return { out, run: (kernels) => kernels.copy(x, out) };
    },
  },
];
