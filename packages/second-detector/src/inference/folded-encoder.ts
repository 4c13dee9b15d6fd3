import * as tf from "@tensorflow/tfjs-core";
import { type FoldedConvolution, maxPoolRows, sparseConvolutionBiasRelu, toBev } from "sparse-conv";
import { type DetectorBatch, slotsOf } from "../detector-batch.js";
import type { EncoderLayers } from "../network/encoder-layers.js";
import { notBelowEmpty, onMap } from "../network/point-encoder.js";

/** An encoder layer with its norm folded in: relu(x · weights + bias). */
export interface FoldedLayer {
  /** sparse [kz, ky, kx, in, out]; on points [in, out] */
  readonly weights: tf.Tensor;
  /** [out] */
  readonly bias: tf.Tensor1D;
}

/**
 * An encoder of folded layers; each activation is freed as soon as the next layer has read it.
 * @returns [b, y, x, c·D + d] the bird's-eye-view map, zero where nothing is; the caller's
 */
export function encodeFolded(
  kind: EncoderLayers["kind"],
  layers: readonly FoldedLayer[],
  batch: DetectorBatch,
): tf.Tensor4D {
  const [{ weights }] = layers;
  const channels = weights.shape[weights.rank - 2];
  return tf.tidy(() => {
    let x = tf.tensor2d(batch.features, [batch.features.length / channels, channels]);
    layers.forEach((layer, i) => {
      const y = kind === "sparse" ? convolve(x, layer, batch.rulebooks[i]) : pointLayer(x, layer);
      x.dispose();
      x = y;
    });
    if (kind === "sparse") {
      const { outputCoords, outputShape } = batch.rulebooks[batch.rulebooks.length - 1];
      return toBev({ features: x, coords: outputCoords, shape: outputShape, batchSize: batch.batchSize });
    }
    const [rulebook] = batch.rulebooks;
    const best = maxPoolRows(x, rulebook);
    if (kind === "pointnet") return onMap(best, rulebook);
    const empty = tf.relu(layers[0].bias); // a point of zeros
    return onMap(notBelowEmpty(best, empty, { counts: batch.counts, slots: slotsOf(rulebook) }), rulebook);
  });
}

function convolve(x: tf.Tensor2D, layer: FoldedLayer, rulebook: DetectorBatch["rulebooks"][number]): tf.Tensor2D {
  return sparseConvolutionBiasRelu(x, layer as FoldedConvolution, rulebook);
}

function pointLayer(x: tf.Tensor2D, { weights, bias }: FoldedLayer): tf.Tensor2D {
  return tf.fused.matMul({ a: x, b: weights as tf.Tensor2D, bias, activation: "relu" }) as tf.Tensor2D;
}
