import * as tf from "@tensorflow/tfjs-core";
import type { DenseLayer } from "./layers.js";
import { finishUnit, trainable, type UnitContext } from "./unit-context.js";

/** One zero on all four sides, whatever the stride; TensorFlow's `same` would pad bottom and right only at stride 2. */
export const FOUR_SIDES: tf.backend_util.ExplicitPadding = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];

/** 3×3 convolution without bias, batch norm, ReLU. @param x [b, y, x, c] */
export function convUnit(context: UnitContext, layer: DenseLayer, x: tf.Tensor4D): tf.Tensor4D {
  const filter = trainable<tf.Tensor4D>(context, `${layer.name}.weight`);
  return finishUnit(context, layer.name, tf.conv2d(x, filter, layer.stride, FOUR_SIDES));
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
