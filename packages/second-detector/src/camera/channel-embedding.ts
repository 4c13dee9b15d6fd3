import * as tf from "@tensorflow/tfjs-core";
import { runUnit } from "../network/run-unit.js";
import type { Unit } from "../network/unit.js";
import type { UnitContext } from "../network/unit-context.js";
import { linear } from "../network/unit-kinds.js";
import { type ResnetLayers, resnetLayers, resnetUnits, runResnet } from "./resnet.js";

/** A ResNet-18 that looks at one channel at a time, and what makes an embedding of its last stage. */
export interface EmbeddingLayers {
  readonly resnet: ResnetLayers;
  /** a linear layer with a bias */
  readonly project: Unit;
}

export function embeddingLayers(
  name: string,
  { width, dimensions }: { readonly width: number; readonly dimensions: number },
): EmbeddingLayers {
  return {
    resnet: resnetLayers(name, { inChannels: 1, width, trainable: () => "all" }),
    project: linear(`${name}.project`, [8 * width, dimensions], { bias: { first: 0 }, relu: false }),
  };
}

/** Every unit of an embedding, in the order of its weights. */
export function embeddingUnits({ resnet, project }: EmbeddingLayers): Unit[] {
  return [...resnetUnits(resnet), project];
}

/**
 * An embedding of each channel: the channel as an image of one colour, ResNet-18, mean over all places, a linear layer.
 * In training mode batch norm takes its statistics over all channels of all scans of the batch.
 * @param map [b, h, w, c]
 * @returns   [b, c, dimensions]
 */
export function embedChannels(
  context: UnitContext,
  { resnet, project }: EmbeddingLayers,
  map: tf.Tensor4D,
): tf.Tensor3D {
  const [batch, height, width, channels] = map.shape;
  const images = tf.reshape(tf.transpose(map, [0, 3, 1, 2]), [batch * channels, height, width, 1]) as tf.Tensor4D;
  const stages = runResnet(context, resnet, images);
  const pooled = tf.mean(stages[stages.length - 1], [1, 2]) as tf.Tensor2D; // [b·c, 8·width]
  return tf.reshape(runUnit(context, project, pooled), [batch, channels, project.outChannels]);
}
