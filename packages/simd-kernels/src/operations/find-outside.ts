import { findOutside } from "../check-arguments.js";
import { count, type OperationTable, reads, real, writes } from "./operation.js";

/** What compiled layers do for the checks. */
export interface CheckOperations {
  /** `position[0]` = place of the first of `indices` outside `low .. high - 1`, or -1. */
  findOutside(
    indices: Int32Array,
    position: Float64Array,
    limits: { readonly low: number; readonly high: number },
  ): void;
}

export const checkOperations: OperationTable<CheckOperations> = {
  findOutside: {
    arrays: { indices: reads("int32"), position: writes("float64") },
    sizes: { length: count, low: real, high: real },
    arraysOf: (indices, position) => [indices, position],
    sizesOf: (indices, _position, { low, high }) => [indices.length, low, high],
    shapesOf: () => [null, [1]],
    plain(indices, position, { low, high }) {
      position[0] = findOutside(indices, low, high);
    },
  },
};
