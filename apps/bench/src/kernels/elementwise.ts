import type { BinaryOperation, BroadcastMode } from "simd-kernels";
import type { KernelBench, KernelFamily } from "../kernel-bench.js";

interface Passes {
  readonly name: string;
  /** arrays of `length` floats that are read or written */
  readonly passes: number;
  readonly length: number;
}

/** A row that is bound by memory. */
const row = ({ name, passes, length }: Passes, prepare: KernelBench["prepare"]): KernelBench => ({
  name,
  threads: "all",
  work: { bytes: 4 * passes * length },
  goals: { native: 60 },
  prepare,
});

function binary(operation: BinaryOperation, bMode: BroadcastMode, rows: number, columns: number): KernelBench {
  const full = bMode === "full";
  const name = `${operation} [${rows},${columns}] and [${full ? `${rows},` : ""}${columns}]`;
  return row({ name, passes: full ? 3 : 2, length: rows * columns }, ({ random, zeros }) => {
    const [a, b] = [random(rows * columns), random(full ? rows * columns : columns)];
    const out = zeros(rows * columns);
    return { out, run: (kernels) => kernels.binary(a, b, out, { operation, rows, columns, aMode: "full", bMode }) };
  });
}

function relu(rows: number, columns: number): KernelBench {
  return row({ name: `relu [${rows},${columns}]`, passes: 2, length: rows * columns }, ({ random, zeros }) => {
    const [x, out] = [random(rows * columns), zeros(rows * columns)];
    return { out, run: (kernels) => kernels.unary(x, out, { operation: "relu" }) };
  });
}

function reduce(axis: "inner" | "outer", outer: number, inner: number): KernelBench {
  const name = `sum [${outer},${inner}] over ${axis === "outer" ? "rows" : "columns"}`;
  return row({ name, passes: 1, length: outer * inner }, ({ random, zeros }) => {
    const [x, out] = [random(outer * inner), zeros(axis === "outer" ? inner : outer)];
    return { out, run: (kernels) => kernels.reduce(x, out, { operation: "sum", outer, inner, axis }) };
  });
}

/** Reads weights, gradient and two moments; writes weights and moments. */
function adamw(length: number): KernelBench {
  const options = { learningRate: 1e-3, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01, step: 10 };
  return row({ name: `adamw ${length}`, passes: 7, length }, ({ random }) => {
    const [out, gradient, firstMoment] = [random(length), random(length), random(length)];
    const state = { parameters: out, firstMoment, secondMoment: new Float32Array(length).fill(0.5) };
    return { out, run: (kernels) => kernels.adamw({ ...state, gradient }, state, options) };
  });
}

/** Elementwise operations and reductions at the size of the largest activation, and the optimiser. */
export const elementwise: KernelFamily = (size) => [
  binary("add", "full", size(35_200), 128),
  binary("mul", "full", size(35_200), 128),
  binary("mul", "row", size(35_200), 128),
  relu(size(35_200), 128),
  reduce("outer", size(35_200), 128),
  reduce("inner", size(35_200), 128),
  adamw(size(5_000_000)),
];
