import { expectClose, randomFloats, seededRandom } from "test-support";
import { expect, it } from "vitest";
import type { ReduceOperation } from "../src/index.js";
import { guarded } from "./arrays.js";
import { describeLayers } from "./layers.js";

const operations: readonly ReduceOperation[] = ["sum", "mean", "max", "min"];

/** The reduction of a list by its definition. */
function naiveReduce(operation: ReduceOperation, values: readonly number[]): number {
  if (operation === "max") return Math.max(...values);
  if (operation === "min") return Math.min(...values);
  const sum = values.reduce((a, b) => a + b, 0);
  return operation === "sum" ? sum : sum / values.length;
}

describeLayers("reduce", (kernels) => {
  for (const [outer, inner] of [
    [0, 3],
    [3, 0],
    [1, 1],
    [4, 7],
    [7, 4],
    [3, 64],
    [65, 33],
    [300, 5],
    [1, 40_000],
    [2, 16_385],
  ])
    it(`agrees with the definition for ${outer}×${inner} along both axes`, () => {
      const x = randomFloats(seededRandom(outer * 7 + inner), outer * inner);
      for (const operation of operations)
        for (const axis of ["inner", "outer"] as const) {
          const results = axis === "inner" ? outer : inner;
          const length = axis === "inner" ? inner : outer;
          const out = guarded(results);
          kernels.reduce(x, out.array, { operation, outer, inner, axis });
          out.check(operation);
          const expected = Float64Array.from({ length: results }, (_, r) =>
            naiveReduce(
              operation,
              Array.from({ length }, (_, i) => x[axis === "inner" ? r * inner + i : i * inner + r]),
            ),
          );
          // Sums run in float64: one float32 rounding of the result, and what cancels stays far below 1e-9.
          expectClose(out.array, expected, { relative: 2 ** -24, absolute: 1e-9, label: `${operation} ${axis}` });
        }
    });

  it("finds NaN wherever it stands", () => {
    for (const length of [1, 5, 16, 70, 20_000])
      for (const at of [0, length >> 1, length - 1]) {
        const x = randomFloats(seededRandom(at), length);
        x[at] = Number.NaN;
        for (const operation of operations) {
          const out = new Float32Array(1);
          kernels.reduce(x, out, { operation, outer: 1, inner: length, axis: "inner" });
          expect(out[0], `${operation} of ${length}, NaN at ${at}`).toBeNaN();
          kernels.reduce(x, out, { operation, outer: length, inner: 1, axis: "outer" });
          expect(out[0], `${operation} of ${length}, NaN at ${at}`).toBeNaN();
        }
      }
  });
});
