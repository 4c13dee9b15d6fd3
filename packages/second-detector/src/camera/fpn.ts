import * as tf from "@tensorflow/tfjs-core";
import { convFourSides } from "../network/conv-four-sides.js";
import type { DenseLayer } from "../network/layers.js";
import { showStage, trainable, type UnitContext } from "../network/unit-context.js";
import { resizeMap } from "./resize-map.js";

/** A feature pyramid of two levels; convolutions with a bias and no norm. */
export interface FpnLayers {
  /** 1×1, finer level first. */
  readonly lateral: readonly [DenseLayer, DenseLayer];
  /** 3×3 */
  readonly output: readonly [DenseLayer, DenseLayer];
}

export function fpnLayers(name: string, inChannels: readonly [number, number], outChannels: number): FpnLayers {
  const layer = (part: string, kernel: number, channels: number): DenseLayer => ({
    name: `${name}.${part}`,
    kernel,
    stride: 1,
    inChannels: channels,
    outChannels,
  });
  return {
    lateral: [layer("lateral0", 1, inChannels[0]), layer("lateral1", 1, inChannels[1])],
    output: [layer("output0", 3, outChannels), layer("output1", 3, outChannels)],
  };
}

/**
 * Feature pyramid (Lin et al. 2017), as MMDetection's `FPN`: the coarser lateral map is added to the finer one, each of its
 * cells to the pixels that it covers (nearest neighbour); then a 3×3 convolution on each.
 * @param maps [b, h, w, c] finer and coarser
 * @returns the two levels, sizes as those of `maps`
 */
export function runFpn(
  context: UnitContext,
  { lateral, output }: FpnLayers,
  maps: readonly [tf.Tensor4D, tf.Tensor4D],
): [tf.Tensor4D, tf.Tensor4D] {
  const coarse = biasedConvolution(context, lateral[1], maps[1]);
  const [, height, width] = maps[0].shape;
  const covering = resizeMap(coarse, { height, width }, "nearest");
  const fine = tf.add(biasedConvolution(context, lateral[0], maps[0]), covering) as tf.Tensor4D;
  return [
    showStage(context, output[0].name, biasedConvolution(context, output[0], fine)),
    showStage(context, output[1].name, biasedConvolution(context, output[1], coarse)),
  ];
}

function biasedConvolution(context: UnitContext, { name }: DenseLayer, x: tf.Tensor4D): tf.Tensor4D {
  const filter = trainable<tf.Tensor4D>(context, `${name}.weight`);
  return tf.add(convFourSides(x, filter, 1), trainable<tf.Tensor1D>(context, `${name}.bias`)) as tf.Tensor4D;
}
