import * as tf from "@tensorflow/tfjs-core";
import { buildStridedRulebook, type SparseTensor3D, sparseConvolutionBiasRelu } from "sparse-conv";
import { backendKernel } from "../backend-kernel.js";
import type { EncoderLayers } from "../network/detector-layers.js";
import type { FoldedUnit, Unit } from "../network/unit.js";

/**
 * Whether a convolution of the encoder's map is worth computing at its sites alone. At stride 1 the dense one skips empty windows
 * itself; a map of several heights has its channels in another order; stock operations would take longer.
 */
export function suitsSites(unit: Unit, { outputShape: [depth] }: EncoderLayers): boolean {
  return depth === 1 && Math.min(...unit.stride) > 1 && backendKernel("SparseConvolutionBiasRelu") !== undefined;
}

/**
 * relu(convolution + bias) of a map that is zero but at some sites, without the map: sums are taken where a window holds a site, all
 * other pixels are relu(bias).
 * @param sites of a grid of one cell in height
 * @returns     [b, y, x, out]
 */
export function convolveSites(sites: SparseTensor3D, unit: Unit, { filter, bias }: FoldedUnit): tf.Tensor4D {
  const { features, coords, shape, batchSize } = sites;
  const [ky, kx] = unit.kernel;
  const rulebook = buildStridedRulebook(coords, {
    shape,
    batchSize,
    kernel: [1, ky, kx],
    stride: [1, unit.stride[0], unit.stride[1]],
    padding: [0, unit.padding[0], unit.padding[1]],
  });
  const { outputCoords, outRows } = rulebook;
  const [, height, width] = rulebook.outputShape;
  const rowOf = new Int32Array(batchSize * height * width).fill(outRows); // of each pixel; the last is relu(bias)
  for (let row = 0; row < outRows; row++) {
    rowOf[(outputCoords[4 * row] * height + outputCoords[4 * row + 2]) * width + outputCoords[4 * row + 3]] = row;
  }
  return tf.tidy(() => {
    const weights: tf.Tensor5D = tf.reshape(filter, [1, ky, kx, unit.inChannels, unit.outChannels]);
    const rows = sparseConvolutionBiasRelu(features, { weights, bias }, rulebook); // [outRows, out]
    const withEmpty = tf.concat([rows, tf.reshape(tf.relu(bias), [1, unit.outChannels])]);
    return tf.reshape(tf.gather(withEmpty, rowOf), [batchSize, height, width, unit.outChannels]);
  });
}
