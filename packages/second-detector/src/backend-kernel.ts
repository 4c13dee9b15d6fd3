import * as tf from "@tensorflow/tfjs-core";

/** A fused kernel as a function. */
export type BackendKernel = (inputs: tf.NamedTensorMap, attributes: object) => tf.Tensor[];

/**
 * The kernel that the current backend has registered under a name, or undefined where stock operations have to do. What each
 * takes and gives is said in the README of tfjs-backend-simd; any backend may offer it.
 */
export function backendKernel(name: string): BackendKernel | undefined {
  if (tf.getKernel(name, tf.getBackend()) == null) return undefined;
  return (inputs, attributes) => [tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap)].flat();
}
