import { expect } from "vitest";

/** `length` integers in low..high-1. */
export const randomIntegers = (rng: () => number, length: number, low: number, high: number): Int32Array =>
  Int32Array.from({ length }, () => low + Math.floor(rng() * (high - low)));

const sentinel = 12345.678;

/** An output array between sentinels and filled with them, at an address that is not aligned for vectors. */
export function guarded(length: number): { readonly array: Float32Array; readonly check: (label: string) => void } {
  const margin = 67;
  const whole = new Float32Array(length + 2 * margin).fill(sentinel);
  const kept = whole[0];
  return {
    array: whole.subarray(margin, margin + length),
    check(label) {
      for (let i = 0; i < margin; i++) {
        expect(whole[i], `${label}: sentinel ${i} before the array`).toBe(kept);
        expect(whole[margin + length + i], `${label}: sentinel ${i} after the array`).toBe(kept);
      }
    },
  };
}

/** A guarded array that holds a copy of `values`. */
export function guardedCopy(values: Float32Array): ReturnType<typeof guarded> {
  const copy = guarded(values.length);
  copy.array.set(values);
  return copy;
}

/** Sum of a[i]·b[i] in float64. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
