import * as tf from "@tensorflow/tfjs-core";

/**
 * Brings the values of tensors into this process, so that `dataSync`, and with it `clipFactor`, finds them. A WebGPU device in
 * Node can be read in no other way; on other backends nothing is done.
 * @param tensors any nesting of arrays and records; they stay as they are
 */
export async function fetchValues(tensors: tf.TensorContainer): Promise<void> {
  if (tf.getBackend() !== "webgpu") return;
  await Promise.all(tf.tensor_util.getTensorsInContainer(tensors).map((tensor) => tensor.data()));
}
