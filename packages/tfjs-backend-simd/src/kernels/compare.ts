import { operandLength, planBroadcast } from "../broadcast-plan.js";
import type { FastKernel, FastKernels } from "../fast-kernel.js";
import { dataOf, isNumeric, type NumericArray, sizeOf } from "../tensor-data.js";

/** One [rows, columns] block; an operand moves `row` per row and `column` per column from `start`. */
interface Walk {
  readonly values: NumericArray;
  readonly start: number;
  readonly row: number;
  readonly column: number;
}

type Loop<Out> = (a: Walk, b: Walk, out: Out, at: { start: number; rows: number; columns: number }) => void;

/** Elementwise function of two numeric tensors under any broadcast, with a result of fixed dtype. */
function elementwiseKernel<Out extends NumericArray>(
  accepts: (dtype: string) => boolean,
  dtype: "bool" | "float32",
  loop: Loop<Out>,
): FastKernel {
  return ({ inputs, backend }) => {
    const { a, b } = inputs;
    if (!accepts(a.dtype) || !accepts(b.dtype)) return undefined;
    const plan = planBroadcast(a.shape, b.shape);
    const { rows, columns } = plan;
    const size = sizeOf(plan.shape);
    const out = (dtype === "bool" ? new Uint8Array(size) : backend.allocate(size)) as Out;
    const stepsOf = (mode: typeof plan.aMode) => ({
      row: operandLength(mode, 2, columns) - operandLength(mode, 1, columns),
      column: mode === "full" || mode === "row" ? 1 : 0,
    });
    const left = { values: dataOf(backend, a), ...stepsOf(plan.aMode) };
    const right = { values: dataOf(backend, b), ...stepsOf(plan.bMode) };
    for (const block of plan.blocks) {
      loop({ ...left, start: block.a }, { ...right, start: block.b }, out, { start: block.out, rows, columns });
    }
    return backend.makeTensorInfo(plan.shape, dtype, out);
  };
}

// One loop per operation: a callback chosen at run time would not be inlined.

const equal: Loop<Uint8Array> = (a, b, out, { start, rows, columns }) => {
  for (let r = 0, o = start; r < rows; r++) {
    let i = a.start + r * a.row;
    let j = b.start + r * b.row;
    for (let c = 0; c < columns; c++, i += a.column, j += b.column) out[o++] = a.values[i] === b.values[j] ? 1 : 0;
  }
};

const notEqual: Loop<Uint8Array> = (a, b, out, { start, rows, columns }) => {
  for (let r = 0, o = start; r < rows; r++) {
    let i = a.start + r * a.row;
    let j = b.start + r * b.row;
    for (let c = 0; c < columns; c++, i += a.column, j += b.column) out[o++] = a.values[i] !== b.values[j] ? 1 : 0;
  }
};

const greater: Loop<Uint8Array> = (a, b, out, { start, rows, columns }) => {
  for (let r = 0, o = start; r < rows; r++) {
    let i = a.start + r * a.row;
    let j = b.start + r * b.row;
    for (let c = 0; c < columns; c++, i += a.column, j += b.column) out[o++] = a.values[i] > b.values[j] ? 1 : 0;
  }
};

const greaterEqual: Loop<Uint8Array> = (a, b, out, { start, rows, columns }) => {
  for (let r = 0, o = start; r < rows; r++) {
    let i = a.start + r * a.row;
    let j = b.start + r * b.row;
    for (let c = 0; c < columns; c++, i += a.column, j += b.column) out[o++] = a.values[i] >= b.values[j] ? 1 : 0;
  }
};

const both: Loop<Uint8Array> = (a, b, out, { start, rows, columns }) => {
  for (let r = 0, o = start; r < rows; r++) {
    let i = a.start + r * a.row;
    let j = b.start + r * b.row;
    for (let c = 0; c < columns; c++, i += a.column, j += b.column) out[o++] = a.values[i] && b.values[j] ? 1 : 0;
  }
};

const either: Loop<Uint8Array> = (a, b, out, { start, rows, columns }) => {
  for (let r = 0, o = start; r < rows; r++) {
    let i = a.start + r * a.row;
    let j = b.start + r * b.row;
    for (let c = 0; c < columns; c++, i += a.column, j += b.column) out[o++] = a.values[i] || b.values[j] ? 1 : 0;
  }
};

const power: Loop<Float32Array> = (a, b, out, { start, rows, columns }) => {
  for (let r = 0, o = start; r < rows; r++) {
    let i = a.start + r * a.row;
    let j = b.start + r * b.row;
    for (let c = 0; c < columns; c++, i += a.column, j += b.column) out[o++] = a.values[i] ** b.values[j];
  }
};

const swapped =
  (loop: Loop<Uint8Array>): Loop<Uint8Array> =>
  (a, b, out, at) =>
    loop(b, a, out, at);

const isFloat = (dtype: string) => dtype === "float32";

export const compareKernels: FastKernels = {
  Equal: elementwiseKernel(isNumeric, "bool", equal),
  NotEqual: elementwiseKernel(isNumeric, "bool", notEqual),
  Greater: elementwiseKernel(isNumeric, "bool", greater),
  GreaterEqual: elementwiseKernel(isNumeric, "bool", greaterEqual),
  Less: elementwiseKernel(isNumeric, "bool", swapped(greater)),
  LessEqual: elementwiseKernel(isNumeric, "bool", swapped(greaterEqual)),
  LogicalAnd: elementwiseKernel(isNumeric, "bool", both),
  LogicalOr: elementwiseKernel(isNumeric, "bool", either),
  Pow: elementwiseKernel(isFloat, "float32", power),
};
