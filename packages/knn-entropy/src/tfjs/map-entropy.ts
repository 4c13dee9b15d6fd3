import * as tf from "@tensorflow/tfjs-core";
import { authorNeighbour } from "../estimators/author-entropy.js";
import { checkFloor } from "../neighbours/samples.js";
import { authorOnArrays, klOnArrays } from "./array-entropy.js";
import { type FeatureMap, mapSize } from "./feature-map.js";
import { authorOnTensors, klOnTensors } from "./tensor-entropy.js";

/** Options of {@link klEntropyPerDimension}. */
export interface KlEntropyOptions {
  /** which neighbour, 1 ≤ k < samples; default a tenth of the samples rounded down, at least 1 */
  readonly k?: number;
  /** smallest radius, in the unit of x; default 1e-6 (squared 1e-12) */
  readonly floor?: number;
}

/** Backends whose tensors are arrays of this process. */
const ARRAY_BACKENDS: readonly string[] = ["cpu", "simd"];

/**
 * Entropy per dimension of a layer's output, in nats: each channel of an image is one sample in R^(H·W).
 * Mean over the images of (ψ(C) − ψ(k) + log c_D)/D + mean_i log max(r_i, floor), D = H·W. Differentiable through each
 * sample's k-th neighbour; a sample whose radius is below the floor has no gradient. On the backends `cpu` and `simd`
 * computed on arrays (see {@link klEntropyOnArrays}), elsewhere by tensor operations ({@link klEntropyOnTensors}).
 * @param x [B, H, W, C], or [B, N, D] with the samples in rows; float32
 * @returns scalar
 * @throws TypeError for another dtype, RangeError for another rank, an empty axis, k outside 1..samples − 1 or a bad floor
 */
export function klEntropyPerDimension(x: FeatureMap, options: KlEntropyOptions = {}): tf.Scalar {
  return onArrays() ? klEntropyOnArrays(x, options) : klEntropyOnTensors(x, options);
}

/**
 * {@link klEntropyPerDimension} on the tensor's data, for any backend that can be read synchronously: neighbours and
 * distances are those of float64 arithmetic, and H is rounded to float32 once.
 */
export function klEntropyOnArrays(x: FeatureMap, options: KlEntropyOptions = {}): tf.Scalar {
  return klOnArrays(x, mapSize("klEntropyPerDimension", x), resolved(x, options));
}

/**
 * {@link klEntropyPerDimension} by stock tensor operations of the current backend, in float32: the Gram matrix of the
 * centred samples picks the neighbour, the difference to it gives the distance. Among neighbours closer to a tie than
 * float32 resolves it may pick another.
 */
export function klEntropyOnTensors(x: FeatureMap, options: KlEntropyOptions = {}): tf.Scalar {
  return klOnTensors(x, mapSize("klEntropyPerDimension", x), resolved(x, options));
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
  return onArrays() ? authorEntropyOnArrays(x) : authorEntropyOnTensors(x);
}

/** {@link authorEntropy} on the tensor's data; see {@link klEntropyOnArrays}. */
export function authorEntropyOnArrays(x: FeatureMap): tf.Scalar {
  return authorOnArrays(x, mapSize("authorEntropy", x));
}

/** {@link authorEntropy} by stock tensor operations; see {@link klEntropyOnTensors}. */
export function authorEntropyOnTensors(x: FeatureMap): tf.Scalar {
  return authorOnTensors(x, mapSize("authorEntropy", x));
}

function onArrays(): boolean {
  return ARRAY_BACKENDS.includes(tf.getBackend());
}

function resolved(x: FeatureMap, options: KlEntropyOptions): Required<KlEntropyOptions> {
  const { rows } = mapSize("klEntropyPerDimension", x);
  const { k = Math.max(1, authorNeighbour(rows)), floor = 1e-6 } = options;
  if (!Number.isInteger(k) || k < 1 || k >= rows) {
    throw new RangeError(`klEntropyPerDimension: expected an integer in 1..${rows - 1} for k, got ${k}`);
  }
  checkFloor("klEntropyPerDimension", floor);
  return { k, floor };
}
