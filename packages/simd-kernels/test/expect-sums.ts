import { expect } from "vitest";

/** A sum in float64 beside the sum of its terms' magnitudes, from which the error bound of any float32 order follows. */
export interface Sums {
  readonly value: Float64Array;
  readonly magnitude: Float64Array;
}

export const newSums = (length: number): Sums => ({
  value: new Float64Array(length),
  magnitude: new Float64Array(length),
});

/** Adds the product a·b to entry i. */
export function addTerm(sums: Sums, i: number, a: number, b: number): void {
  sums.value[i] += a * b;
  sums.magnitude[i] += Math.abs(a * b);
}

const unitRoundoff = 2 ** -24;

/**
 * Fails unless every entry is within (terms + 4)·2⁻²⁴·Σ|a||b| of the oracle: the bound that holds for a float32 sum of
 * `terms` products in any order, with or without fused multiply-add (Higham, Accuracy and Stability, section 3.1; the 4
 * covers the final additions). Entries without terms must be exact.
 */
export function expectSums(actual: Float32Array, { value, magnitude }: Sums, terms: number, label: string): void {
  expect(actual.length, label).toBe(value.length);
  for (let i = 0; i < value.length; i++) {
    const bound = (terms + 4) * unitRoundoff * magnitude[i];
    if (!(Math.abs(actual[i] - value[i]) <= bound)) {
      throw new Error(`${label}: entry ${i} is ${actual[i]}, the oracle says ${value[i]} ± ${bound}`);
    }
  }
}

/**
 * As {@link expectSums} for minimal filtering, whose results share intermediate sums: the bound holds with the largest
 * Σ|a||b| of all entries in place of the entry's own (Barabasz et al. 2020, normwise), with 8 more roundings for the
 * transforms of one axis each.
 */
export function expectFilteredSums(actual: Float32Array, sums: Sums, terms: number, label: string): void {
  const largest = sums.magnitude.reduce((a, b) => Math.max(a, b), 0);
  expectSums(actual, { value: sums.value, magnitude: sums.magnitude.map(() => largest) }, terms + 8, label);
}
