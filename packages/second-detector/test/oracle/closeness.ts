import { expect } from "vitest";

/** Largest difference over `scale`: by default the largest entry of `expected`, or 1 if that is all zeros. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>, scale?: number): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (!(difference <= error)) error = difference;
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return error / (scale ?? (largest || 1));
}

/** ‖actual − expected‖₂ / ‖expected‖₂ (or over 1 if that is all zeros). */
export function l2Error(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    error += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(error) / (Math.sqrt(norm) || 1);
}

/** Fails unless the largest error, relative to the largest entry, is within `tolerance`. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "",
): void {
  expect(actual.length, `length of ${what}`).toBe(expected.length);
  expect(largestError(actual, expected), `largest error of ${what}`).toBeLessThanOrEqual(tolerance);
}
