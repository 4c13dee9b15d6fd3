import * as tf from "@tensorflow/tfjs-core";
import type { DenseLayer } from "./layers.js";
import { finishUnit, showStage, trainable, type UnitContext } from "./unit-context.js";

/**
 * Brings the last tap of every block to one resolution and joins them along the channels.
 *
 * Transposed convolution with kernel = stride = u: out[u·y+a, u·x+b, co] = Σ_ci in[y, x, ci] · W[a, b, co, ci].
 *
 * @param inputs one [b, y, x, c] per layer
 * @throws RangeError if the maps differ in size after it
 */
export function runNeck(
  context: UnitContext,
  layers: readonly DenseLayer[],
  inputs: readonly tf.Tensor4D[],
): tf.Tensor4D {
  const maps = layers.map((layer, i) => {
    const [batch, height, width] = inputs[i].shape;
    const filter = trainable<tf.Tensor4D>(context, `${layer.name}.weight`);
    const outShape = [batch, height * layer.stride, width * layer.stride, layer.outChannels] as const;
    const up = tf.conv2dTranspose(inputs[i], filter, [...outShape], layer.stride, "valid");
    return finishUnit(context, layer.name, up);
  });
  const sizes = maps.map((map) => `${map.shape[1]}×${map.shape[2]}`);
  if (new Set(sizes).size > 1) {
    throw new RangeError(`runNeck: expected maps of one size to join, got ${sizes.join(", ")} (check neck strides)`);
  }
  return showStage(context, "neck", tf.concat(maps, 3) as tf.Tensor4D);
}
