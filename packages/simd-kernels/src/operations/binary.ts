import { choice, index, type OperationTable, reads, writes } from "./operation.js";
import type { MatrixSize } from "./rows.js";

const binaryOperationNames = ["add", "sub", "mul", "div", "max", "min", "squaredDifference"] as const;

/** Two-operand elementwise operations; `max` and `min` give NaN when either operand is NaN. */
export type BinaryOperation = (typeof binaryOperationNames)[number];

const broadcastModes = ["full", "row", "column", "scalar"] as const;

/**
 * How an operand fills [rows, columns]: `full` is [rows, columns], `row` is [columns] (one row for all),
 * `column` is [rows] (one value per row), `scalar` is [1].
 */
export type BroadcastMode = (typeof broadcastModes)[number];

/** What is done, the sizes of the result and the broadcast of both operands. */
export interface BinaryOptions extends MatrixSize {
  readonly operation: BinaryOperation;
  readonly aMode: BroadcastMode;
  readonly bMode: BroadcastMode;
}

export interface BinaryOperations {
  /** `out[rows,columns] = a op b` with broadcasting; `out` may be an operand that has its shape. */
  binary(a: Float32Array, b: Float32Array, out: Float32Array, options: BinaryOptions): void;
}

const mode = choice("Broadcast", broadcastModes);

export const binaryOperations: OperationTable<BinaryOperations> = {
  binary: {
    arrays: { a: reads("float32"), b: reads("float32"), out: writes("float32", "a", "b") },
    sizes: {
      ...{ operation: choice("BinaryOperation", binaryOperationNames), rows: index(), columns: index() },
      ...{ aMode: mode, bMode: mode },
    },
    arraysOf: (a, b, out) => [a, b, out],
    sizesOf: (_a, _b, _out, { operation, rows, columns, aMode, bMode }) => [operation, rows, columns, aMode, bMode],
    shapesOf: (_a, _b, _out, { rows, columns, aMode, bMode }) => [
      modeShape(aMode, rows, columns),
      modeShape(bMode, rows, columns),
      [rows, columns],
    ],
    plain(a, b, out, { operation, rows, columns, aMode, bMode }) {
      const [aRow, aColumn] = strides(aMode, columns);
      const [bRow, bColumn] = strides(bMode, columns);
      loops[operation](a, b, out, { rows, columns, aRow, aColumn, bRow, bColumn });
    },
  },
};

function modeShape(mode: BroadcastMode, rows: number, columns: number): number[] {
  return mode === "full" ? [rows, columns] : mode === "row" ? [columns] : mode === "column" ? [rows] : [1];
}

/** Step of an operand from one row, and from one column, to the next. */
function strides(mode: BroadcastMode, columns: number): [number, number] {
  if (mode === "full") return [columns, 1];
  if (mode === "row") return [0, 1];
  return mode === "column" ? [1, 0] : [0, 0];
}

type BinaryLoop = (
  a: Float32Array,
  b: Float32Array,
  out: Float32Array,
  size: { rows: number; columns: number; aRow: number; aColumn: number; bRow: number; bColumn: number },
) => void;

/** One loop per operation: a callback that is chosen at run time would not be inlined. */
const loops: Record<BinaryOperation, BinaryLoop> = {
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
