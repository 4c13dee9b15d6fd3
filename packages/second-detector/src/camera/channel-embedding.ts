import * as tf from "@tensorflow/tfjs-core";
import { trainable, type UnitContext } from "../network/unit-context.js";
import { runResnet } from "./resnet.js";
import { type ResnetLayers, resnetLayers } from "./resnet-layers.js";

/** A ResNet-18 that looks at one channel at a time, and what makes an embedding of its last stage. */
export interface EmbeddingLayers {
  readonly resnet: ResnetLayers;
  readonly project: { readonly name: string; readonly inChannels: number; readonly outChannels: number };
}

export function embeddingLayers(
  name: string,
  { width, dimensions }: { readonly width: number; readonly dimensions: number },
): EmbeddingLayers {
  const resnet = resnetLayers(name, 1, width);
  return { resnet, project: { name: `${name}.project`, inChannels: 8 * width, outChannels: dimensions } };
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
  const pooled = tf.mean(stages[stages.length - 1], [1, 2]) as tf.Tensor2D;
  const linear = tf.matMul(pooled, trainable<tf.Tensor2D>(context, `${project.name}.weight`));
  const embeddings = tf.add(linear, trainable<tf.Tensor1D>(context, `${project.name}.bias`));
  return tf.reshape(embeddings, [batch, channels, project.outChannels]);
}
