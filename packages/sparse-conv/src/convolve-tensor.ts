import type * as tf from "@tensorflow/tfjs-core";
import type { Triple } from "./grid-extent.js";
import { sparseConvolution } from "./sparse-convolution.js";
import { checkRows, type SparseTensor3D } from "./sparse-tensor.js";
import { buildStridedRulebook, type WindowOptions } from "./strided-rulebook.js";
import { buildSubmanifoldRulebook } from "./submanifold-rulebook.js";

/**
 * Submanifold convolution of a sparse tensor: {@link buildSubmanifoldRulebook}, then {@link sparseConvolution}. Layers
 * that share their sites run faster on one rulebook.
 * @param weights [kz, ky, kx, cin, cout] float32
 * @returns features [rows, cout] at the same sites
 */
export function submanifoldConvolution(
  x: SparseTensor3D,
  weights: tf.Tensor5D,
  { dilation }: { readonly dilation?: Triple } = {},
): SparseTensor3D {
  checkRows("submanifoldConvolution", x.features, x.coords);
  const { shape, batchSize } = x;
  const rulebook = buildSubmanifoldRulebook(x.coords, { shape, batchSize, kernel: kernelOf(weights), dilation });
  return { ...x, features: sparseConvolution(x.features, weights, rulebook) };
}

/**
 * Strided convolution of a sparse tensor: {@link buildStridedRulebook}, then {@link sparseConvolution}.
 * @param weights [kz, ky, kx, cin, cout] float32
 * @returns features [sites, cout] at every site that an input site reaches, sorted by batch, z, y, x
 */
export function stridedConvolution(
  x: SparseTensor3D,
  weights: tf.Tensor5D,
  window: Omit<WindowOptions, "kernel"> = {},
): SparseTensor3D {
  checkRows("stridedConvolution", x.features, x.coords);
  const { shape, batchSize } = x;
  const rulebook = buildStridedRulebook(x.coords, { shape, batchSize, kernel: kernelOf(weights), ...window });
  const features = sparseConvolution(x.features, weights, rulebook);
  return { features, coords: rulebook.outputCoords, shape: rulebook.outputShape, batchSize };
}

function kernelOf(weights: tf.Tensor5D): Triple {
  return weights.shape.slice(0, 3) as unknown as Triple;
}
