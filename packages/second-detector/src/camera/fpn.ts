import * as tf from "@tensorflow/tfjs-core";
import { runUnit } from "../network/run-unit.js";
import type { Unit } from "../network/unit.js";
import type { UnitContext } from "../network/unit-context.js";
import { convolution } from "../network/unit-kinds.js";
import { resizeMap } from "./resize-map.js";

/** A feature pyramid of two levels; convolutions with a bias, without norm and ReLU. */
export interface FpnLayers {
  /** 1×1, finer level first. */
  readonly lateral: readonly [Unit, Unit];
  /** 3×3 */
  readonly output: readonly [Unit, Unit];
}

export function fpnLayers(name: string, inChannels: readonly [number, number], outChannels: number): FpnLayers {
  const unit = (part: string, side: number, from: number) =>
    convolution(`${name}.${part}`, [from, outChannels], { side, bias: { first: 0 }, relu: false });
  return {
    lateral: [unit("lateral0", 1, inChannels[0]), unit("lateral1", 1, inChannels[1])],
    output: [unit("output0", 3, outChannels), unit("output1", 3, outChannels)],
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
  const [, height, width] = maps[0].shape;
  const coarse = runUnit(context, lateral[1], maps[1]);
  const covering = resizeMap(coarse, { height, width }, "nearest");
  const fine = tf.add(runUnit(context, lateral[0], maps[0]), covering) as tf.Tensor4D;
  return [runUnit(context, output[0], fine), runUnit(context, output[1], coarse)];
}
