import type { KernelFamily } from "../kernel-bench.js";
import { CHAIN, chainValues, copyLength } from "../machine-limits.js";

/** What the other rows are compared with, as each layer does it. */
export const limits: KernelFamily = (size) => [
  {
    name: "multiplyAddChain, in registers",
    threads: "all",
    work: { flop: 2 * chainValues(4) * size(CHAIN.rounds) },
    prepare() {
      const out = new Float32Array(chainValues(4)).fill(1);
      return { out, run: (kernels) => kernels.multiplyAddChain(out, { ...CHAIN, rounds: size(CHAIN.rounds) }) };
    },
  },
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
