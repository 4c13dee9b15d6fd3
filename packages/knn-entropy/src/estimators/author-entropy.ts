import { edgeGradientInto } from "../neighbours/edge-gradient.js";
import { kthNeighbours } from "../neighbours/kth-neighbours.js";
import { checkKind, checkSize, type KthNeighbours, type Values } from "../neighbours/samples.js";
import { checkResult } from "./kl-entropy.js";

/** Squared distances below this count as this: the published code's clamp. */
export const AUTHOR_SQUARED_FLOOR = 1e-2;

/** Sizes of {@link authorEntropy}. */
export interface AuthorOptions {
  /** images B */
  readonly images: number;
  /** samples (channels) per image, C */
  readonly rows: number;
  /** dimension (positions), H·W */
  readonly dims: number;
}

/** The published code's entropy, and what its gradient needs. */
export interface AuthorResult {
  /** log(1 + Σ_b Σ_i r) */
  readonly entropy: number;
  /** Σ_b Σ_i r, radii of at least 0.1 */
  readonly sumOfRadii: number;
  /** one entry per image, true radii (not floored); empty if C < 10 */
  readonly images: readonly KthNeighbours[];
}

/**
 * The entropy of the Entropy Loss's published code (MMDetection3D-Eloss, `eloss.py`):
 * H = log(1 + Σ_b Σ_i r_bi), k = ⌊C/10⌋, r = sqrt(max(d², 1e-2)): one logarithm over batch and channels. It is no entropy
 * estimate (no dimension, no ψ, no volume) but what the published numbers were made with.
 * With C < 10, k is 0: each sample is its own neighbour, all r = 0.1 and there is no gradient.
 * @param x [images, rows, dims] row-major
 * @throws TypeError for another kind of array, RangeError for sizes that disagree
 */
export function authorEntropy(x: Values, { images, rows, dims }: AuthorOptions): AuthorResult {
  checkImages("authorEntropy", x, { images, rows, dims });
  const k = authorNeighbour(rows);
  if (k === 0) return resultOf(images * rows * Math.sqrt(AUTHOR_SQUARED_FLOOR), []);
  const found: KthNeighbours[] = [];
  for (let image = 0; image < images; image++) {
    found.push(kthNeighbours(x.subarray(image * rows * dims, (image + 1) * rows * dims), { rows, dims, k }));
  }
  return resultOf(authorSumOfRadii(found.map(({ radii }) => radii)), found);
}

/**
 * Gradient of {@link authorEntropy}'s `entropy` with respect to x, [images, rows, dims].
 * @throws TypeError or RangeError as `authorEntropy`, RangeError for a result of another size
 */
export function authorEntropyGradient(x: Values, result: AuthorResult, options: AuthorOptions): Float64Array {
  checkImages("authorEntropyGradient", x, options);
  const { images, rows, dims } = options;
  const gradient = new Float64Array(x.length);
  if (authorNeighbour(rows) === 0) return gradient;
  if (result.images.length !== images) {
    throw new RangeError(`authorEntropyGradient: expected ${images} images for result, got ${result.images.length}`);
  }
  result.images.forEach((found, image) => {
    checkResult("authorEntropyGradient", found, rows);
    const from = image * rows * dims;
    const samples = { data: x.subarray(from, from + rows * dims), rows, dims };
    const weights = authorWeights(found.radii, 1 / (1 + result.sumOfRadii));
    edgeGradientInto(
      samples,
      { neighbours: found.neighbours, weights },
      "euclidean",
      gradient.subarray(from, from + rows * dims),
    );
  });
  return gradient;
}

/** The published choice of k: a tenth of the channels, rounded down. */
export function authorNeighbour(channels: number): number {
  return Math.floor(channels / 10);
}

/** Σ sqrt(max(r², 1e-2)) over the radii of all images. */
export function authorSumOfRadii(images: readonly Float64Array[]): number {
  let sum = 0;
  for (const radii of images) {
    for (const radius of radii) {
      const square = radius * radius;
      sum += square === Infinity ? radius : Math.sqrt(Math.max(square, AUTHOR_SQUARED_FLOOR));
    }
  }
  return sum;
}

/** Weights of the edges of `scale · Σ sqrt(max(r², 1e-2))`. */
export function authorWeights(radii: Float64Array, scale: number): Float64Array {
  return radii.map((radius) => (radius * radius < AUTHOR_SQUARED_FLOOR ? 0 : scale / radius));
}

function resultOf(sumOfRadii: number, images: readonly KthNeighbours[]): AuthorResult {
  return { entropy: Math.log1p(sumOfRadii), sumOfRadii, images };
}

function checkImages(where: string, x: Values, { images, rows, dims }: AuthorOptions): void {
  checkKind(where, "x", x);
  checkSize(where, "images", images);
  checkSize(where, "rows", rows);
  checkSize(where, "dims", dims);
  if (x.length !== images * rows * dims) {
    throw new RangeError(
      `${where}: expected ${images * rows * dims} numbers [${images},${rows},${dims}] for x, got ${x.length}`,
    );
  }
}
