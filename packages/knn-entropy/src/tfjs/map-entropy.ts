import * as tf from "@tensorflow/tfjs-core";
import { AUTHOR_SQUARED_FLOOR, authorNeighbour } from "../estimators/author-entropy.js";
import { checkFloor } from "../neighbours/samples.js";
import { type FeatureMap, mapSize } from "./feature-map.js";
import { authorByNeighbours, klByNeighbours } from "./neighbour-entropy.js";
import { arraySearch, backendSearch, type NeighbourSearch } from "./neighbour-search.js";
import { authorOnTensors, klOnTensors } from "./tensor-entropy.js";

/** Options of {@link klEntropyPerDimension}. */
export interface KlEntropyOptions {
  /** which neighbour, 1 ≤ k < samples; default a tenth of the samples rounded down, at least 1 */
  readonly k?: number;
  /** smallest radius, in the unit of x; default 1e-6 (squared 1e-12) */
  readonly floor?: number;
}

/**
 * Entropy per dimension of a layer's output, in nats: each channel of an image is one sample in R^(H·W).
 * Mean over the images of (ψ(C) − ψ(k) + log c_D)/D + mean_i log max(r_i, floor), D = H·W. Differentiable through each
 * sample's k-th neighbour; a sample whose radius is below the floor has no gradient. On a backend that registers the kernels
 * `KthNeighbours` and `EdgeGradient`, such as `simd`, neighbours and distances are those of float64 arithmetic, and H is
 * rounded to float32 once; elsewhere as {@link klEntropyOnTensors}.
 * @param x [B, H, W, C], or [B, N, D] with the samples in rows; float32
 * @returns scalar
 * @throws TypeError for another dtype, RangeError for another rank, an empty axis, k outside 1..samples − 1 or a bad floor
 */
export function klEntropyPerDimension(x: FeatureMap, options: KlEntropyOptions = {}): tf.Scalar {
  return klEntropyBy(backendSearch(), x, options);
}

/** {@link klEntropyPerDimension} in float64 on the tensor's values, for any backend that can be read synchronously. */
export function klEntropyOnArrays(x: FeatureMap, options: KlEntropyOptions = {}): tf.Scalar {
  return klEntropyBy(arraySearch, x, options);
}

/**
 * {@link klEntropyPerDimension} by stock tensor operations of the current backend, in float32: the Gram matrix of the
 * centred samples picks the neighbour, the difference to it gives the distance. Among neighbours closer to a tie than
 * float32 resolves it may pick another.
 */
export function klEntropyOnTensors(x: FeatureMap, options: KlEntropyOptions = {}): tf.Scalar {
  return klEntropyBy(undefined, x, options);
}

/**
 * The published code's entropy of a layer's output: log(1 + Σ_b Σ_i r), k = ⌊C/10⌋, r = sqrt(max(d², 1e-2)), one logarithm
 * over batch and channels. With C < 10 all r are 0.1 and the gradient is zero. Backends as in
 * {@link klEntropyPerDimension}.
 * @param x [B, H, W, C], or [B, N, D] with the samples in rows; float32
 * @returns scalar
 * @throws TypeError for another dtype, RangeError for another rank or an empty axis
 */
export function authorEntropy(x: FeatureMap): tf.Scalar {
  return authorEntropyBy(backendSearch(), x);
}

/** {@link authorEntropy} on the tensor's values; see {@link klEntropyOnArrays}. */
export function authorEntropyOnArrays(x: FeatureMap): tf.Scalar {
  return authorEntropyBy(arraySearch, x);
}

/** {@link authorEntropy} by stock tensor operations; see {@link klEntropyOnTensors}. */
export function authorEntropyOnTensors(x: FeatureMap): tf.Scalar {
  return authorEntropyBy(undefined, x);
}

function klEntropyBy(search: NeighbourSearch | undefined, x: FeatureMap, options: KlEntropyOptions): tf.Scalar {
  const size = mapSize("klEntropyPerDimension", x);
  const { k = Math.max(1, authorNeighbour(size.rows)), floor = 1e-6 } = options;
  if (!Number.isInteger(k) || k < 1 || k >= size.rows) {
    throw new RangeError(`klEntropyPerDimension: expected an integer in 1..${size.rows - 1} for k, got ${k}`);
  }
  checkFloor("klEntropyPerDimension", floor);
  return search ? klByNeighbours(x, size, { k, floor, search }) : klOnTensors(x, size, { k, floor });
}

function authorEntropyBy(search: NeighbourSearch | undefined, x: FeatureMap): tf.Scalar {
  const size = mapSize("authorEntropy", x);
  const k = authorNeighbour(size.rows);
  if (k === 0) return constant(x, Math.log1p(size.images * size.rows * Math.sqrt(AUTHOR_SQUARED_FLOOR)));
  return search ? authorByNeighbours(x, { k, search }) : authorOnTensors(x, size, k);
}

/** A value that does not depend on x, with the zero gradient that says so. */
function constant(x: FeatureMap, value: number): tf.Scalar {
  const op = tf.customGrad((...inputs) => {
    const { shape } = inputs[0] as FeatureMap;
    return { value: tf.scalar(value), gradFunc: () => tf.zeros([...shape]) };
  });
  return op(x) as tf.Scalar;
}
