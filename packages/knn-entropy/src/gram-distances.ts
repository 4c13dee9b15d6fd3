import { kernels } from "simd-kernels";
import type { Samples } from "./samples.js";

/** Coordinates per float32 product; the products of the slices are added in float64. */
const SLICE = 512;

/**
 * Largest relative error of a float32 sum of SLICE products in any order of summation, plus the rounding of the centred
 * values: the squared distance computed from the Gram matrix is wrong by at most this times |x_i|² + |x_j|².
 */
const RELATIVE_ERROR = (SLICE + 16) * 2 ** -24;

/** Products below float32's smallest normal number may vanish; covers them where the data has entries near 1. */
const ABSOLUTE_ERROR = 1e-30;

/** Squared norms outside this range would leave float32 when multiplied. */
const SMALLEST_NORM = 1e-20;
const LARGEST_NORM = 1e30;

/** Approximate squared distances of a block of samples to all samples, with what bounds their error. */
export interface GramBlock {
  /** [to − from, N] squared distances; entry (i, j) is wrong by at most `bound(norms[from + i] + norms[j])` */
  readonly squared: Float64Array;
  readonly from: number;
  readonly to: number;
}

/** Upper bound of the error of a squared distance of two samples whose squared norms add up to `norms`. */
export function distanceErrorBound(norms: number): number {
  return RELATIVE_ERROR * norms + ABSOLUTE_ERROR;
}

/**
 * Squared norms [N] of the samples after the mean sample is taken away, or `undefined` if values so large, so small or
 * undefined turn up that float32 products cannot be trusted.
 */
export function centredNorms(samples: Samples): Float64Array | undefined {
  const norms = new Float64Array(samples.rows);
  const scratch = new Float32Array(samples.rows * Math.min(samples.dims, SLICE));
  for (let from = 0; from < samples.dims; from += SLICE) {
    const width = Math.min(SLICE, samples.dims - from);
    const rows = samples.rows;
    centreSlice(samples, from, width, scratch);
    if (samples.order === "rows") {
      for (let i = 0, at = 0; i < rows; i++) {
        let sum = 0;
        for (let d = 0; d < width; d++, at++) sum += scratch[at] * scratch[at];
        norms[i] += sum;
      }
    } else {
      for (let d = 0, at = 0; d < width; d++) {
        for (let i = 0; i < rows; i++, at++) norms[i] += scratch[at] * scratch[at];
      }
    }
  }
  let largest = 0;
  for (const norm of norms) largest = Math.max(largest, norm); // NaN wins
  return largest >= SMALLEST_NORM && largest <= LARGEST_NORM ? norms : undefined;
}

/**
 * Squared distances |x_i|² + |x_j|² − 2 x_i·x_j from float32 products of centred samples.
 * Centring keeps a common offset from cancelling; slices added in float64 keep the error independent of D.
 */
export function gramBlock(samples: Samples, norms: Float64Array, from: number, to: number): GramBlock {
  const { rows, dims, order } = samples;
  const count = to - from;
  const { gemm } = kernels();
  const scratch = new Float32Array(rows * Math.min(dims, SLICE));
  const product = new Float32Array(count * rows);
  const squared = new Float64Array(count * rows);
  for (let start = 0; start < dims; start += SLICE) {
    const k = Math.min(SLICE, dims - start);
    const slice = scratch.subarray(0, rows * k);
    centreSlice(samples, start, k, slice);
    if (order === "rows") {
      gemm(slice.subarray(from * k, to * k), slice, product, { m: count, n: rows, k, transposeB: true });
    } else {
      gemm(slice, slice, product, { m: rows, n: rows, k, transposeA: true });
    }
    for (let at = 0; at < product.length; at++) squared[at] += product[at];
  }
  for (let i = 0, at = 0; i < count; i++) {
    for (let j = 0; j < rows; j++, at++) squared[at] = norms[from + i] + norms[j] - 2 * squared[at];
  }
  return { squared, from, to };
}

/** Coordinates start..start+width of all samples minus their mean, in the samples' own order: [N, width] or [width, N]. */
function centreSlice({ data, rows, dims, order }: Samples, start: number, width: number, out: Float32Array): void {
  if (order === "columns") {
    for (let d = 0, at = 0; d < width; d++) {
      const base = (start + d) * rows;
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += data[base + i];
      const mean = Math.fround(sum / rows);
      for (let i = 0; i < rows; i++, at++) out[at] = data[base + i] - mean;
    }
    return;
  }
  const means = new Float64Array(width);
  for (let i = 0; i < rows; i++) {
    for (let d = 0, at = i * dims + start; d < width; d++, at++) means[d] += data[at];
  }
  for (let d = 0; d < width; d++) means[d] = Math.fround(means[d] / rows);
  for (let i = 0, to = 0; i < rows; i++) {
    for (let d = 0, at = i * dims + start; d < width; d++, at++, to++) out[to] = data[at] - means[d];
  }
}
