import { expect } from "vitest";
import { type GoldenResult, goldenGradientRows } from "./golden-case.js";

/** Float64 against float64: only the order of summation differs. */
export const VALUE = 1e-12;
/** Some of the oracle's gradients are stored as float32. */
const GRADIENT = 1e-7;

/** The parts of a golden result that say something about its gradient. */
export type GoldenGradient = Pick<GoldenResult, "gradRowNorm" | "gradDotX" | "grad" | "gradFile" | "gradRows">;

/** Row norms, entries and Σ grad·x against the oracle's; nothing where the oracle has no gradient. */
export function checkGradient(
  gradient: Float64Array,
  x: ArrayLike<number>,
  golden: GoldenGradient,
  dims: number,
): void {
  const norms = golden.gradRowNorm?.flat();
  if (norms === undefined) return;
  // pulls of several samples may cancel within a row, so rounding is measured by the largest row
  const scale = Math.max(...norms);
  norms.forEach((norm, row) => {
    const own = gradient.subarray(row * dims, (row + 1) * dims);
    expect(Math.abs(Math.hypot(...own) - norm)).toBeLessThanOrEqual(1e-10 * scale);
  });
  for (const [row, expected] of goldenGradientRows(golden, dims) ?? []) {
    for (let d = 0; d < dims; d++) {
      const difference = Math.abs(gradient[row * dims + d] - expected[d]);
      if (!(difference <= GRADIENT * scale)) {
        throw new Error(`gradient row ${row}, coordinate ${d}: ${gradient[row * dims + d]}, oracle ${expected[d]}`);
      }
    }
  }
  // Σ grad·x against the oracle's, by the size of its terms: with a large offset they cancel
  let sum = 0;
  let size = 0;
  for (let i = 0; i < x.length; i++) {
    sum += gradient[i] * x[i];
    size += Math.abs(gradient[i] * x[i]);
  }
  expect(Math.abs(sum - golden.gradDotX!)).toBeLessThanOrEqual(VALUE * Math.max(1, size));
}

/** Equal but for rounding. */
export function expectClose(actual: number, expected: number): void {
  // absolute near zero, where H is a sum of terms of order 1 that cancel; radii of 1e-22 are compared relatively
  const allowed = VALUE * (Math.abs(expected) < 1e-3 ? Math.abs(expected) : Math.max(1, Math.abs(expected)));
  if (!(Math.abs(actual - expected) <= allowed)) throw new Error(`expected ${expected}, got ${actual}`);
}
