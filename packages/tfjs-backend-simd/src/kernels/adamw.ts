import { kernels } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { float32Of } from "../tensor-data.js";

/**
 * One AdamW step of one parameter. Inputs parameter and gradient; attrs are those of `adamw` in simd-kernels and the
 * moments `first` and `second`, `Float32Array`s that are moved in place; output the moved parameter.
 */
function adamwStep({ inputs, attrs, backend }: KernelCall) {
  const { parameter, gradient } = inputs;
  const { first, second, ...options } = attrs;
  const parameters = float32Of(backend, parameter);
  const moved = backend.allocate(parameters.length);
  const moments = { firstMoment: first, secondMoment: second };
  const arrays = { parameters, gradient: float32Of(backend, gradient), ...moments };
  kernels().adamw(arrays, { parameters: moved, ...moments }, options);
  return backend.makeTensorInfo(parameter.shape, "float32", moved);
}

export const adamwKernels: FastKernels = { AdamWStep: adamwStep };
