import type * as tf from "@tensorflow/tfjs-core";
import { convFourSides } from "./conv-four-sides.js";
import type { DenseLayer } from "./layers.js";
import { finishUnit, trainable, type UnitContext } from "./unit-context.js";

/** 3×3 convolution without bias, batch norm, ReLU. @param x [b, y, x, c] */
export function convUnit(context: UnitContext, layer: DenseLayer, x: tf.Tensor4D): tf.Tensor4D {
  const filter = trainable<tf.Tensor4D>(context, `${layer.name}.weight`);
  return finishUnit(context, layer.name, convFourSides(x, filter, layer.stride));
}

/**
 * The 2D backbone.
 * @param bev [b, y, x, c]
 * @returns the taps, the post-ReLU output of every unit, block by block; the taps of one block have one shape
 */
export function runBackbone(
  context: UnitContext,
  blocks: readonly (readonly DenseLayer[])[],
  bev: tf.Tensor4D,
): tf.Tensor4D[][] {
  let x = bev;
  return blocks.map((layers) =>
    layers.map((layer) => {
      x = convUnit(context, layer, x);
      return x;
    }),
  );
}
