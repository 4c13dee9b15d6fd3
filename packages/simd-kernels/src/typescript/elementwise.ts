import type {
  AdamwInputs,
  AdamwOptions,
  AdamwState,
  BinaryOperation,
  BinaryOptions,
  BroadcastMode,
  UnaryOperation,
} from "../operation-options.js";

// One loop per operation: a callback that is chosen at run time would not be inlined.

type BinaryLoop = (
  a: Float32Array,
  b: Float32Array,
  out: Float32Array,
  size: { rows: number; columns: number; aRow: number; aColumn: number; bRow: number; bColumn: number },
) => void;

/** Step of an operand from one row, and from one column, to the next. */
function strides(mode: BroadcastMode, columns: number): [number, number] {
  if (mode === "full") return [columns, 1];
  if (mode === "row") return [0, 1];
  return mode === "column" ? [1, 0] : [0, 0];
}

const binaryLoops: Record<BinaryOperation, BinaryLoop> = {
  add(a, b, out, { rows, columns, aRow, aColumn, bRow, bColumn }) {
    for (let i = 0, o = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, o++) out[o] = a[i * aRow + j * aColumn] + b[i * bRow + j * bColumn];
  },
  sub(a, b, out, { rows, columns, aRow, aColumn, bRow, bColumn }) {
    for (let i = 0, o = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, o++) out[o] = a[i * aRow + j * aColumn] - b[i * bRow + j * bColumn];
  },
  mul(a, b, out, { rows, columns, aRow, aColumn, bRow, bColumn }) {
    for (let i = 0, o = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, o++) out[o] = a[i * aRow + j * aColumn] * b[i * bRow + j * bColumn];
  },
  div(a, b, out, { rows, columns, aRow, aColumn, bRow, bColumn }) {
    for (let i = 0, o = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, o++) out[o] = a[i * aRow + j * aColumn] / b[i * bRow + j * bColumn];
  },
  max(a, b, out, { rows, columns, aRow, aColumn, bRow, bColumn }) {
    for (let i = 0, o = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, o++) out[o] = Math.max(a[i * aRow + j * aColumn], b[i * bRow + j * bColumn]);
  },
  min(a, b, out, { rows, columns, aRow, aColumn, bRow, bColumn }) {
    for (let i = 0, o = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, o++) out[o] = Math.min(a[i * aRow + j * aColumn], b[i * bRow + j * bColumn]);
  },
  squaredDifference(a, b, out, { rows, columns, aRow, aColumn, bRow, bColumn }) {
    for (let i = 0, o = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, o++) {
        const difference = Math.fround(a[i * aRow + j * aColumn] - b[i * bRow + j * bColumn]);
        out[o] = difference * difference;
      }
  },
};

/** Plain twin of `binary`. */
export function binary(
  operation: BinaryOperation,
  a: Float32Array,
  b: Float32Array,
  out: Float32Array,
  { rows, columns, aMode, bMode }: BinaryOptions,
): void {
  const [aRow, aColumn] = strides(aMode, columns);
  const [bRow, bColumn] = strides(bMode, columns);
  binaryLoops[operation](a, b, out, { rows, columns, aRow, aColumn, bRow, bColumn });
}

const unaryLoops: Record<UnaryOperation, (x: Float32Array, out: Float32Array) => void> = {
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

/** Plain twin of `unary`. */
export function unary(operation: UnaryOperation, x: Float32Array, out: Float32Array): void {
  unaryLoops[operation](x, out);
}

/** Plain twin of `adamw`. */
export function adamw(
  { parameters, gradient, firstMoment, secondMoment }: AdamwInputs,
  outputs: AdamwState,
  { learningRate, beta1, beta2, epsilon, weightDecay, step, gradientScale = 1 }: AdamwOptions,
): void {
  const [moved, mean, square] = [outputs.parameters, outputs.firstMoment, outputs.secondMoment];
  const keep = 1 - learningRate * weightDecay;
  const rate = learningRate / (1 - beta1 ** step);
  const correction = 1 / Math.sqrt(1 - beta2 ** step);
  for (let i = 0; i < parameters.length; i++) {
    const g = gradientScale * gradient[i];
    mean[i] = beta1 * firstMoment[i] + (1 - beta1) * g;
    square[i] = beta2 * secondMoment[i] + (1 - beta2) * g * g;
    moved[i] = parameters[i] * keep - (rate * mean[i]) / (Math.sqrt(square[i]) * correction + epsilon);
  }
}
