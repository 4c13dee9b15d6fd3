import { expectClose } from "test-support";
import { type GoldenResult, goldenGradientRows } from "./golden-case.js";

/** Float64 against float64: only the order of summation differs. */
const ROUNDING = 1e-12;
/** Of an entropy or a mutual information, sums of terms of order 1 that may cancel. */
export const VALUE = { relative: ROUNDING, absolute: ROUNDING };
/** Of a radius, which may be as small as 1e-22. */
export const RADIUS = { relative: ROUNDING };
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
    expectClose(Math.hypot(...own), norm, { absolute: 1e-10 * scale, label: `length of gradient row ${row}` });
  });
  for (const [row, expected] of goldenGradientRows(golden, dims) ?? []) {
    const own = gradient.subarray(row * dims, (row + 1) * dims);
    expectClose(own, expected, { absolute: GRADIENT * scale, label: `gradient row ${row}` });
  }
  // Σ grad·x against the oracle's, by the size of its terms: with a large offset they cancel
  let sum = 0;
  let size = 0;
  for (let i = 0; i < x.length; i++) {
    sum += gradient[i] * x[i];
    size += Math.abs(gradient[i] * x[i]);
  }
  expectClose(sum, golden.gradDotX!, { absolute: ROUNDING * Math.max(1, size), label: "Σ grad·x" });
}
