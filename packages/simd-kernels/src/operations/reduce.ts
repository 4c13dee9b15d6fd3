import { choice, index, type OperationTable, reads, writes } from "./operation.js";

const reduceOperationNames = ["sum", "mean", "max", "min"] as const;

/** Reductions; of nothing: sum 0, mean NaN, max -Infinity, min Infinity. `max` and `min` give NaN if any entry is. */
export type ReduceOperation = (typeof reduceOperationNames)[number];

/** What is done, and which axis of a row-major [outer, inner] matrix a reduction removes. */
export interface ReduceOptions {
  readonly operation: ReduceOperation;
  readonly outer: number;
  readonly inner: number;
  /** `inner` leaves [outer], `outer` leaves [inner] */
  readonly axis: "inner" | "outer";
}

export interface ReduceOperations {
  /** Sum, mean, maximum or minimum over one axis of `x` [outer,inner]; sums run in float64 in a fixed order. */
  reduce(x: Float32Array, out: Float32Array, options: ReduceOptions): void;
}

export const reduceOperations: OperationTable<ReduceOperations> = {
  reduce: {
    arrays: { x: reads("float32"), out: writes("float32") },
    sizes: {
      ...{ operation: choice("Reduction", reduceOperationNames), axis: choice("Axis", ["inner", "outer"]) },
      ...{ outer: index(), inner: index() },
    },
    arraysOf: (x, out) => [x, out],
    sizesOf: (_x, _out, { operation, axis, outer, inner }) => [operation, axis, outer, inner],
    shapesOf: (_x, _out, { outer, inner, axis }) => [[outer, inner], [axis === "inner" ? outer : inner]],
    /** One float64 accumulator per result, entries in order. */
    plain(x, out, { operation, outer, inner, axis }) {
      const results = axis === "inner" ? outer : inner;
      const length = axis === "inner" ? inner : outer;
      const start = operation === "max" ? Number.NEGATIVE_INFINITY : operation === "min" ? Number.POSITIVE_INFINITY : 0;
      const total = new Float64Array(results).fill(start);
      for (let i = 0, p = 0; i < outer; i++) {
        for (let j = 0; j < inner; j++, p++) {
          const r = axis === "inner" ? i : j;
          if (operation === "max") total[r] = Math.max(total[r], x[p]);
          else if (operation === "min") total[r] = Math.min(total[r], x[p]);
          else total[r] += x[p];
        }
      }
      for (let r = 0; r < results; r++) out[r] = operation === "mean" ? total[r] / length : total[r];
    },
  },
};
