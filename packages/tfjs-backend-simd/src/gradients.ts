// tfjs-core registers no gradients in Node; this file of its package does, once, in the registry that every copy shares.
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import { getGradient } from "@tensorflow/tfjs-core";

/**
 * Checks that TensorFlow.js knows the gradients of its ops, which importing this package has registered.
 * @throws Error if they are missing, because another copy of tfjs-core is in use
 */
export function assertGradients(): void {
  if (getGradient("Conv2D") === undefined) {
    throw new Error("registerSimdBackend: expected the gradients of tfjs-core to be registered, got none");
  }
}
