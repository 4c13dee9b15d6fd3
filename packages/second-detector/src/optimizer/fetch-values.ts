import * as tf from "@tensorflow/tfjs-core";

/**
 * Brings the values of tensors into this process, so that `dataSync`, and with it `clipGradients` and `AdamW.step`, finds
 * them: before the one the gradients, before the other the clipped ones and the weights. A WebGPU device can be read in no
 * other way; where they are here already it costs nothing.
 * @param tensors any nesting of arrays and records; they stay as they are
 */
export async function fetchValues(tensors: tf.TensorContainer): Promise<void> {
  await Promise.all(tf.tensor_util.getTensorsInContainer(tensors).map((tensor) => tensor.data()));
}
