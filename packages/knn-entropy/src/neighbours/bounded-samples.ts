import type { Samples } from "./samples.js";

/** Entry of a column that is no sample: larger than any bound between samples. */
const NO_SAMPLE = 1e30;

/** What float32 products below that format's range are worth together, samples being scaled to at most 1. */
const VANISHING = 1e-30;

/**
 * Samples prepared for lower bounds of their squared distances by float32 products, a and b being centred and scaled:
 *
 *     (−2 a₁ … −2 a_D, (1 − c)|a|², 1) · (b₁ … b_D, 1, (1 − c)|b|²)  =  |a − b|² − c (|a|² + |b|²)
 *
 * The rounding of that product is at most (D + 3) 2⁻²⁴ times the magnitudes of its terms, which sum up to 2 (|a|² + |b|²);
 * rounding a, b and the squares to float32 adds 5·2⁻²⁴ (|a|² + |b|²). With c = (2 D + 16) 2⁻²⁴ the result is a lower bound.
 */
export interface BoundedSamples {
  readonly rows: number;
  readonly dims: number;
  /** D + 2 */
  readonly terms: number;
  /** [N, D] the samples as they were given */
  readonly values: Float64Array;
  /** [N, D + 2] right-hand factors; one that is no sample meets every other at NO_SAMPLE */
  readonly factors: Float32Array;
  /** squared length that 1 stands for in a bound */
  readonly unit: number;
}

/** Centres the samples at their mean and scales them to at most 1, in float64. */
export function boundSamples({ data, rows, dims }: Samples): BoundedSamples {
  const values = new Float64Array(rows * dims);
  const finite = new Uint8Array(rows).fill(1);
  for (let i = 0; i < rows; i++) {
    for (let d = 0; d < dims; d++) {
      const value = data[i * dims + d];
      values[i * dims + d] = value;
      if (value - value !== 0) finite[i] = 0;
    }
  }
  const centre = meanOf(values, finite, dims);
  let largest = 0;
  for (let at = 0, i = 0; i < rows; i++) {
    for (let d = 0; d < dims; d++, at++) {
      if (finite[i] === 1) largest = Math.max(largest, Math.abs(values[at] - centre[d]));
    }
  }
  const scale = largest > 0 ? largest : 1;
  const terms = dims + 2;
  const factors = new Float32Array(rows * terms);
  const keep = 1 - (2 * dims + 16) * 2 ** -24;
  for (let i = 0; i < rows; i++) {
    const to = i * terms;
    let square = 0;
    for (let d = 0; d < dims && finite[i] === 1; d++) {
      const value = Math.fround((values[i * dims + d] - centre[d]) / scale);
      factors[to + d] = value;
      square += value * value;
    }
    factors[to + dims] = 1;
    factors[to + dims + 1] = finite[i] === 1 ? keep * square : NO_SAMPLE;
  }
  return { rows, dims, terms, values, factors, unit: scale * scale };
}

/** Mean of the finite samples: any point near them would do. */
function meanOf(values: Float64Array, finite: Uint8Array, dims: number): Float64Array {
  const mean = new Float64Array(dims);
  const count = finite.reduce((sum, one) => sum + one, 0);
  for (let i = 0; i < finite.length; i++) {
    if (finite[i] === 1) for (let d = 0; d < dims; d++) mean[d] += values[i * dims + d] / count;
  }
  return mean;
}

/** A sample within squared distance s has a bound of at most min(s / unit + slack, most), less than that of no sample. */
export function boundLimits({ unit }: BoundedSamples): { unit: number; slack: number; most: number } {
  return { unit, slack: VANISHING, most: NO_SAMPLE / 2 };
}

/** Right-hand factors of the samples from `first` on, filled up with what is no sample. */
export function packColumnsInto({ rows, terms, factors }: BoundedSamples, first: number, out: Float32Array): void {
  const count = Math.min(rows - first, out.length / terms);
  out.set(factors.subarray(first * terms, (first + count) * terms));
  out.fill(0, count * terms);
  for (let at = (count + 1) * terms - 1; at < out.length; at += terms) out[at] = NO_SAMPLE;
}

/** Left-hand factors of the samples from `first` on. */
export function packRowsInto({ rows, dims, terms, factors }: BoundedSamples, first: number, out: Float32Array): void {
  const count = Math.min(rows - first, out.length / terms);
  for (let i = 0; i < count; i++) {
    const [from, to] = [(first + i) * terms, i * terms];
    for (let d = 0; d < dims; d++) out[to + d] = -2 * factors[from + d];
    out[to + dims] = factors[from + dims + 1];
    out[to + dims + 1] = 1;
  }
}
