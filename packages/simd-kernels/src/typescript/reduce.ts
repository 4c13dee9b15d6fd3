import type { ReduceOperation, ReduceOptions } from "../operation-options.js";

/** Plain twin of `reduce`: one float64 accumulator per result, entries in order. */
export function reduce(
  operation: ReduceOperation,
  x: Float32Array,
  out: Float32Array,
  { outer, inner, axis }: ReduceOptions,
): void {
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
}
