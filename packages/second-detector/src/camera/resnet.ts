import * as tf from "@tensorflow/tfjs-core";
import { convFourSides } from "../network/conv-four-sides.js";
import type { DenseLayer } from "../network/layers.js";
import { finishUnit, showStage, trainable, type UnitContext } from "../network/unit-context.js";
import { maxPoolHalf } from "./max-pool.js";
import type { ResidualBlock, ResnetLayers } from "./resnet-layers.js";

/** As torchvision's batch norm has it. */
const EPSILON = 1e-5;

/**
 * ResNet-18 without its classifier. Batch norm as `context.training` says, with epsilon 1e-5.
 * @param x [b, h, w, c]
 * @returns the outputs of stages 1 to 4, [b, ⌈h/2^(s+1)⌉, ⌈w/2^(s+1)⌉, width·2^(s−1)]
 */
export function runResnet(context: UnitContext, { stem, stages }: ResnetLayers, x: tf.Tensor4D): tf.Tensor4D[] {
  const own = { ...context, epsilon: EPSILON };
  let map = maxPoolHalf(runUnit(own, stem, x));
  return stages.map((blocks) => {
    for (const block of blocks) map = runBlock(own, block, map);
    return map;
  });
}

function runBlock(context: UnitContext, { name, first, second, skip }: ResidualBlock, x: tf.Tensor4D): tf.Tensor4D {
  const residue = runUnit(context, second, runUnit(context, first, x), false);
  const passed = skip === undefined ? x : runUnit(context, skip, x, false);
  return showStage(context, name, tf.relu(tf.add(residue, passed)) as tf.Tensor4D);
}

/** Convolution, batch norm and, unless `relu` is false, ReLU. */
export function runUnit(context: UnitContext, { name, stride }: DenseLayer, x: tf.Tensor4D, relu = true): tf.Tensor4D {
  const filter = trainable<tf.Tensor4D>(context, `${name}.weight`);
  return finishUnit(context, name, convFourSides(x, filter, stride), relu);
}
