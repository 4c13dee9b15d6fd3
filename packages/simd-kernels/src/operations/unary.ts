import { choice, count, type OperationTable, reads, writes } from "./operation.js";

const unaryOperationNames = ["relu", "neg", "abs", "square", "sqrt", "rsqrt", "reciprocal", "step"] as const;

/** One-operand elementwise operations. `relu` and `step` give NaN for NaN; `step` is 1 where x > 0, else 0. */
export type UnaryOperation = (typeof unaryOperationNames)[number];

/** Which operation. */
export interface UnaryOptions {
  readonly operation: UnaryOperation;
}

export interface UnaryOperations {
  /** `out[i] = op(x[i])`; `out` may be `x`. */
  unary(x: Float32Array, out: Float32Array, options: UnaryOptions): void;
}

export const unaryOperations: OperationTable<UnaryOperations> = {
  unary: {
    arrays: { x: reads("float32"), out: writes("float32", "x") },
    sizes: { operation: choice("UnaryOperation", unaryOperationNames), length: count },
    arraysOf: (x, out) => [x, out],
    sizesOf: (x, _out, { operation }) => [operation, x.length],
    shapesOf: (x) => [null, [x.length]],
    plain: (x, out, { operation }) => loops[operation](x, out),
  },
};

/** One loop per operation: a callback that is chosen at run time would not be inlined. */
const loops: Record<UnaryOperation, (x: Float32Array, out: Float32Array) => void> = {
  relu(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = Math.max(x[i], 0);
  },
  neg(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = -x[i];
  },
  abs(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = Math.abs(x[i]);
  },
  square(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = x[i] * x[i];
  },
  sqrt(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = Math.sqrt(x[i]);
  },
  rsqrt(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = 1 / Math.sqrt(x[i]);
  },
  reciprocal(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = 1 / x[i];
  },
  step(x, out) {
    for (let i = 0; i < x.length; i++) out[i] = x[i] > 0 ? 1 : Number.isNaN(x[i]) ? Number.NaN : 0;
  },
};
