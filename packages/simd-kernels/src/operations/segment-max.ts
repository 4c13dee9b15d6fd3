import { checkStarts } from "../check-arguments.js";
import { index, type OperationTable, reads, writes } from "./operation.js";

/** What {@link SegmentMaxOperations.segmentMax} finds. */
export interface SegmentMaxOutputs {
  /** [segments, columns] the largest of each column; -Infinity where a segment has no row */
  readonly values: Float32Array;
  /** [segments, columns] the row that each came from: of equal ones the lowest; `rows` where a segment has none */
  readonly winners: Int32Array;
}

/** Sizes of {@link SegmentMaxOperations.segmentMax}. */
export interface SegmentMaxOptions {
  readonly rows: number;
  readonly columns: number;
  readonly segments: number;
}

export interface SegmentMaxOperations {
  /**
   * The largest of each column of x [rows, columns] in each segment, which is the rows `starts[s] .. starts[s+1]`; starts
   * [segments+1] ascend from 0 to `rows`. A NaN wins, of several the last.
   */
  segmentMax(x: Float32Array, starts: Int32Array, outputs: SegmentMaxOutputs, options: SegmentMaxOptions): void;
}

export const segmentMaxOperations: OperationTable<SegmentMaxOperations> = {
  segmentMax: {
    arrays: { x: reads("float32"), starts: reads("int32"), values: writes("float32"), winners: writes("int32") },
    sizes: { rows: index(), columns: index(), segments: index() },
    arraysOf: (x, starts, { values, winners }) => [x, starts, values, winners],
    sizesOf: (_x, _starts, _outputs, { rows, columns, segments }) => [rows, columns, segments],
    shapesOf: (_x, _starts, _outputs, { rows, columns, segments }) => [
      [rows, columns],
      [segments + 1],
      [segments, columns],
      [segments, columns],
    ],
    checkContents: ({ where }, _x, starts, _outputs, { rows }) => checkStarts(where, "starts", starts, rows),
    plain(x, starts, { values, winners }, { rows, columns, segments }) {
      for (let segment = 0; segment < segments; segment++) {
        const [first, end, to] = [starts[segment], starts[segment + 1], segment * columns];
        for (let c = 0; c < columns; c++) {
          values[to + c] = first < end ? x[first * columns + c] : -Infinity;
          winners[to + c] = first < end ? first : rows;
        }
        for (let row = first + 1; row < end; row++) {
          for (let c = 0; c < columns; c++) {
            const value = x[row * columns + c];
            if (value > values[to + c] || Number.isNaN(value)) {
              values[to + c] = value;
              winners[to + c] = row;
            }
          }
        }
      }
    },
  },
};
