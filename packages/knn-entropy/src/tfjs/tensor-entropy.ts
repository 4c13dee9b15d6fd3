import * as tf from "@tensorflow/tfjs-core";
import { AUTHOR_SQUARED_FLOOR } from "../estimators/author-entropy.js";
import { digamma, logUnitBallVolume } from "../estimators/special-functions.js";
import type { FeatureMap, MapSize } from "./feature-map.js";

/** A function of the squared radii [B, N] with its derivative with respect to them. */
interface RadiusFunction {
  readonly value: tf.Scalar;
  /** [B, N] */
  readonly derivative: tf.Tensor;
}

/** Kozachenko–Leonenko entropy per dimension, mean over images, by tensor operations. */
export function klOnTensors(
  x: FeatureMap,
  size: MapSize,
  { k, floor }: { readonly k: number; readonly floor: number },
): tf.Scalar {
  const { images, rows, dims } = size;
  const offset = (digamma(rows) - digamma(k) + logUnitBallVolume(dims)) / dims;
  return differentiable(x, size, k, (squared) => {
    const least = Math.fround(floor * floor);
    const floored = tf.maximum(squared, least);
    const value = tf.add(tf.mul(tf.mean(tf.log(floored)), 0.5), offset) as tf.Scalar;
    // d/ds of ½ log s, divided among all samples; 1 stands in for a 0, whose reciprocal times 0 would be NaN
    const derivative = tf.div(0.5 / (images * rows), tf.where(tf.equal(floored, 0), 1, floored));
    return { value, derivative: tf.mul(derivative, aboveFloor(squared, least)) };
  });
}

/** The published code's entropy, by tensor operations. */
export function authorOnTensors(x: FeatureMap, size: MapSize, k: number): tf.Scalar {
  return differentiable(x, size, k, (squared) => {
    const radii = tf.sqrt(tf.maximum(squared, AUTHOR_SQUARED_FLOOR));
    const sum = tf.sum(radii);
    const value = tf.log1p(sum) as tf.Scalar;
    const derivative = tf.div(0.5, tf.mul(radii, tf.add(sum, 1)));
    return { value, derivative: tf.mul(derivative, aboveFloor(squared, AUTHOR_SQUARED_FLOOR)) };
  });
}

/** 1 where a squared radius counts and may move, 0 where the floor holds it or it is 0. */
function aboveFloor(squared: tf.Tensor, floor: number): tf.Tensor {
  return tf.cast(tf.logicalAnd(tf.greaterEqual(squared, floor), tf.greater(squared, 0)), "float32");
}

/** A scalar function of the squared distances to the k-th neighbours, with its gradient through them. */
function differentiable(
  x: FeatureMap,
  size: MapSize,
  k: number,
  measure: (squared: tf.Tensor) => RadiusFunction,
): tf.Scalar {
  const op = tf.customGrad((...inputs) => {
    const [map, save] = inputs as [FeatureMap, (tensors: tf.Tensor[]) => void];
    const samples = samplesOf(map, size);
    const chosen = chooseNeighbours(samples, k); // [B, N, N] one-hot
    const differences = tf.sub(samples, neighboursOf(samples, chosen)); // [B, N, D]
    const { value, derivative } = measure(tf.sum(tf.square(differences), 2));
    save([differences, chosen, derivative]);
    const gradFunc = (outGradient: tf.Tensor, [difference, one, slope]: tf.Tensor[]) => {
      const pulls = tf.mul(difference, tf.expandDims(tf.mul(slope, tf.mul(outGradient, 2)), 2)); // [B, N, D]
      const gradient = tf.sub(pulls, tf.matMul(one, pulls, true, false));
      return mapOf(gradient, map.shape, size);
    };
    return { value, gradFunc };
  });
  return op(x) as tf.Scalar;
}

/** [B, H, W, C] → [B, C, H·W]; [B, N, D] stays. */
function samplesOf(x: FeatureMap, { images, rows, dims, order }: MapSize): tf.Tensor3D {
  if (order === "rows") return x as tf.Tensor3D;
  return tf.transpose(tf.reshape(x, [images, dims, rows]), [0, 2, 1]) as tf.Tensor3D;
}

/** The inverse of {@link samplesOf}. */
function mapOf(samples: tf.Tensor, shape: readonly number[], { order }: MapSize): tf.Tensor {
  if (order === "rows") return samples;
  return tf.reshape(tf.transpose(samples, [0, 2, 1]), [...shape]);
}

/** The largest float32. Compilers of shaders may assume that there is no Infinity. */
const FARTHEST = (2 - 2 ** -23) * 2 ** 127;

/** One-hot [B, N, N] of each sample's k-th neighbour by the Gram matrix of the centred samples. */
function chooseNeighbours(samples: tf.Tensor3D, k: number): tf.Tensor3D {
  const rows = samples.shape[1];
  const centred = tf.sub(samples, tf.mean(samples, 1, true));
  const gram = tf.matMul(centred, centred, false, true);
  const norms = tf.sum(tf.square(centred), 2);
  const squared = tf.sub(tf.add(tf.expandDims(norms, 2), tf.expandDims(norms, 1)), tf.mul(gram, 2));
  // a sample is not its own neighbour
  const own = tf.cast(tf.expandDims(tf.eye(rows), 0), "bool");
  const masked = tf.where(own, FARTHEST, squared);
  const { indices } = tf.topk(tf.neg(masked), k, true);
  const chosen = tf.squeeze(tf.slice(indices, [0, 0, k - 1], [-1, -1, 1]), [2]); // [B, N]
  return tf.cast(tf.oneHot(tf.cast(chosen, "int32"), rows), "float32") as tf.Tensor3D;
}

/** Each sample's neighbour, [B, N, D], copied exactly. */
function neighboursOf(samples: tf.Tensor3D, chosen: tf.Tensor3D): tf.Tensor3D {
  const [images, rows, dims] = samples.shape;
  const first = tf.mul(tf.reshape(tf.range(0, images, 1, "int32"), [images, 1]), rows);
  const indices = tf.reshape(tf.add(tf.argMax(chosen, 2), first), [images * rows]);
  const flat = tf.reshape(samples, [images * rows, dims]);
  return tf.reshape(tf.gather(flat, tf.cast(indices, "int32")), [images, rows, dims]);
}
