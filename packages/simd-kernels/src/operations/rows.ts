import { checkAtMost, checkIndices } from "../check-arguments.js";
import { count, index, type OperationTable, reads, updates, writes } from "./operation.js";

/** Sizes of a row-major matrix. */
export interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
}

/** Sizes of `copyColumns`: x [rows,xColumns], out [rows,outColumns]. */
export interface CopyColumnsOptions {
  readonly rows: number;
  /** how many are copied */
  readonly columns: number;
  readonly xColumns: number;
  /** the first that is read */
  readonly xFirst: number;
  readonly outColumns: number;
  /** the first that is written */
  readonly outFirst: number;
}

/** Sizes of a sum of matrix rows by segment. */
export interface SegmentSumOptions extends MatrixSize {
  readonly segments: number;
}

export interface RowOperations {
  /** `out[i] = x[indices[i]]` for x [rows,columns], out [indices.length,columns]; index -1 gives a row of zeros. */
  gatherRows(x: Float32Array, indices: Int32Array, out: Float32Array, options: MatrixSize): void;

  /**
   * Some columns of one matrix to some of another: `out[r][outFirst + c] = x[r][xFirst + c]` for c < columns; the other
   * columns of out [rows,outColumns] stay. What a concatenation along the last axis, or a part of it, is made of.
   */
  copyColumns(x: Float32Array, out: Float32Array, options: CopyColumnsOptions): void;

  /** `out[s] = Σ x[i] over segmentIds[i] = s`, in the order of i; x [rows,columns], out [segments,columns]; id < 0 is ignored. */
  segmentSum(x: Float32Array, segmentIds: Int32Array, out: Float32Array, options: SegmentSumOptions): void;
}

export const rowOperations: OperationTable<RowOperations> = {
  gatherRows: {
    arrays: { x: reads("float32"), indices: reads("int32"), out: writes("float32") },
    sizes: { rows: index(), columns: index(), count },
    arraysOf: (x, indices, out) => [x, indices, out],
    sizesOf: (_x, indices, _out, { rows, columns }) => [rows, columns, indices.length],
    shapesOf: (_x, indices, _out, { rows, columns }) => [[rows, columns], null, [indices.length, columns]],
    checkContents: ({ where, find }, _x, indices, _out, { rows }) =>
      checkIndices(where, "indices", indices, [-1, rows], find),
    plain(x, indices, out, { columns }) {
      for (let i = 0; i < indices.length; i++) {
        const to = i * columns;
        const from = indices[i] * columns;
        if (from < 0) out.fill(0, to, to + columns);
        else for (let c = 0; c < columns; c++) out[to + c] = x[from + c];
      }
    },
  },

  copyColumns: {
    arrays: { x: reads("float32"), out: updates("float32") },
    sizes: {
      ...{
        rows: index(),
        columns: index(),
        xColumns: index(),
        xFirst: index(),
        outColumns: index(),
        outFirst: index(),
      },
    },
    arraysOf: (x, out) => [x, out],
    sizesOf: (_x, _out, { rows, columns, xColumns, xFirst, outColumns, outFirst }) => [
      rows,
      columns,
      xColumns,
      xFirst,
      outColumns,
      outFirst,
    ],
    checkSizes(where, _x, _out, { columns, xColumns, xFirst, outColumns, outFirst }) {
      checkAtMost(where, { "xFirst + columns": xFirst + columns }, xColumns);
      checkAtMost(where, { "outFirst + columns": outFirst + columns }, outColumns);
    },
    shapesOf: (_x, _out, { rows, xColumns, outColumns }) => [
      [rows, xColumns],
      [rows, outColumns],
    ],
    plain(x, out, { rows, columns, xColumns, xFirst, outColumns, outFirst }) {
      for (let r = 0; r < rows; r++) {
        const from = r * xColumns + xFirst;
        const to = r * outColumns + outFirst;
        for (let c = 0; c < columns; c++) out[to + c] = x[from + c];
      }
    },
  },

  segmentSum: {
    arrays: { x: reads("float32"), segmentIds: reads("int32"), out: writes("float32") },
    sizes: { rows: index(), columns: index(), segments: index() },
    arraysOf: (x, segmentIds, out) => [x, segmentIds, out],
    sizesOf: (_x, _segmentIds, _out, { rows, columns, segments }) => [rows, columns, segments],
    shapesOf: (_x, _segmentIds, _out, { rows, columns, segments }) => [[rows, columns], [rows], [segments, columns]],
    checkContents: ({ where, find }, _x, segmentIds, _out, { segments }) =>
      checkIndices(where, "segmentIds", segmentIds, [-0x80000000, segments], find),
    plain(x, segmentIds, out, { rows, columns }) {
      out.fill(0);
      for (let i = 0; i < rows; i++) {
        if (segmentIds[i] < 0) continue;
        const to = segmentIds[i] * columns;
        const from = i * columns;
        for (let c = 0; c < columns; c++) out[to + c] += x[from + c];
      }
    },
  },
};
