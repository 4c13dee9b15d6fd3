import * as tf from "@tensorflow/tfjs-core";
import type { DetectorLayers, HeadLayer } from "./layers.js";
import { showStage, trainable, type UnitContext } from "./unit-context.js";

/** Raw outputs of the head, NHWC; anchor a of cell (y, x) is number (y·width + x)·anchorsPerCell + a. */
export type HeadOutputs = {
  /** [b, y, x, anchors·classes] logits, channel a·classes + class */
  readonly cls: tf.Tensor4D;
  /** [b, y, x, anchors·7] box codes, channel a·7 + code */
  readonly box: tf.Tensor4D;
  /** [b, y, x, anchors·2] direction logits, channel a·2 + bin */
  readonly dir: tf.Tensor4D;
};

/** Three 1×1 convolutions with bias. @param x [b, y, x, c] */
export function runHead(context: UnitContext, head: DetectorLayers["head"], x: tf.Tensor4D): HeadOutputs {
  return {
    cls: pointwise(context, head.cls, x),
    box: pointwise(context, head.box, x),
    dir: pointwise(context, head.dir, x),
  };
}

function pointwise(context: UnitContext, { name }: HeadLayer, x: tf.Tensor4D): tf.Tensor4D {
  const filter = trainable<tf.Tensor4D>(context, `${name}.weight`);
  const bias = trainable<tf.Tensor1D>(context, `${name}.bias`);
  return showStage(context, name, tf.add(tf.conv2d(x, filter, 1, "valid"), bias) as tf.Tensor4D);
}
