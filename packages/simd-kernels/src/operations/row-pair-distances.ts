import { index, type OperationTable, reads, writes } from "./operation.js";

/** Sizes of a row-major matrix of points. */
export interface RowPairOptions {
  readonly rows: number;
  readonly dims: number;
}

export interface RowPairOperations {
  /**
   * Squared euclidean distance of every pair of rows of `x` [rows,dims]; `out` [rows,rows] is symmetric with a zero
   * diagonal and never negative. Rows are centred first, so a common offset costs no precision.
   */
  rowPairDistances(x: Float32Array, out: Float32Array, options: RowPairOptions): void;
}

export const rowPairOperations: OperationTable<RowPairOperations> = {
  rowPairDistances: {
    arrays: { x: reads("float32"), out: writes("float32") },
    sizes: { rows: index(), dims: index() },
    arraysOf: (x, out) => [x, out],
    sizesOf: (_x, _out, { rows, dims }) => [rows, dims],
    shapesOf: (_x, _out, { rows, dims }) => [
      [rows, dims],
      [rows, rows],
    ],
    /** Differences are summed in float64, so nothing cancels and no centring is needed. */
    plain(x, out, { rows, dims }) {
      for (let i = 0; i < rows; i++) {
        out[i * rows + i] = 0;
        for (let j = i + 1; j < rows; j++) {
          const a = i * dims;
          const b = j * dims;
          let sum = 0;
          for (let d = 0; d < dims; d++) {
            const difference = x[a + d] - x[b + d];
            sum += difference * difference;
          }
          out[i * rows + j] = sum;
          out[j * rows + i] = sum;
        }
      }
    },
  },
};
