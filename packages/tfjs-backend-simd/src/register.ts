import "@tensorflow/tfjs-backend-cpu";
import {
  findBackendFactory,
  getKernel,
  getKernelsForBackend,
  type KernelFunc,
  registerBackend,
  registerKernel,
} from "@tensorflow/tfjs-core";
import type { FastKernel, KernelCall } from "./fast-kernel.js";
import { assertGradients } from "./gradients.js";
import { counterOf } from "./kernel-counts.js";
import { fastKernels } from "./kernels/fast-kernels.js";
import { SimdBackend } from "./simd-backend.js";

/** Above `cpu` (1), level with `wasm`, below `tensorflow` and `webgpu` (3), when tfjs chooses by itself. */
const PRIORITY = 2;

/**
 * Registers the backend `simd` with every kernel of TensorFlow.js' `cpu` backend, the hot ones replaced, and the fused
 * kernels that the README lists. Makes sure that gradients are
 * registered. Does not select the backend: `await tf.setBackend("simd")` does. Calling it again does nothing.
 *
 * Kernels registered later with `tf.registerKernel({ backendName: "simd", ... })` work as on any backend.
 * @throws Error if the gradients of tfjs-core cannot be registered
 */
export function registerSimdBackend(): void {
  if (findBackendFactory("simd") != null) return;
  assertGradients();
  registerBackend("simd", () => new SimdBackend(), PRIORITY);
  for (const config of getKernelsForBackend("cpu")) {
    const kernelFunc = withFallback(config.kernelName, fastKernels[config.kernelName], config.kernelFunc);
    registerKernel({ ...config, backendName: "simd", kernelFunc });
  }
  for (const kernelName of Object.keys(fastKernels)) {
    if (getKernel(kernelName, "simd") !== undefined) continue;
    registerKernel({ kernelName, backendName: "simd", kernelFunc: withFallback(kernelName, fastKernels[kernelName]) });
  }
}

function withFallback(kernelName: string, fast: FastKernel | undefined, stock?: KernelFunc): KernelFunc {
  const count = counterOf(kernelName);
  return (params) => {
    const result = fast?.(params as KernelCall);
    if (result !== undefined) {
      count.here++;
      return result;
    }
    if (!stock)
      throw new TypeError(`${kernelName}: expected float32 tensors for inputs, got ${dtypesOf(params.inputs)}`);
    count.stock++;
    return stock(params);
  };
}

function dtypesOf(inputs: Parameters<KernelFunc>[0]["inputs"]): string {
  return Object.entries(inputs)
    .map(([name, tensor]) => `${name} ${tensor?.dtype}`)
    .join(", ");
}
