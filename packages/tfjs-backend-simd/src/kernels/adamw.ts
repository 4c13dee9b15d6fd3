import { kernels } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { float32Of } from "../tensor-data.js";

/**
 * One AdamW step of one parameter. Inputs parameter, gradient and both moments, first and second, of one shape; attrs those of
 * `adamw` in simd-kernels; outputs the moved parameter and moments.
 */
function adamwStep({ inputs, attrs, backend }: KernelCall) {
  const { parameter, gradient, first, second } = inputs;
  const parameters = float32Of(backend, parameter);
  const moments = { firstMoment: float32Of(backend, first), secondMoment: float32Of(backend, second) };
  const fresh = () => backend.allocate(parameters.length);
  const moved = { parameters: fresh(), firstMoment: fresh(), secondMoment: fresh() };
  kernels().adamw({ parameters, gradient: float32Of(backend, gradient), ...moments }, moved, attrs);
  const outputs = [moved.parameters, moved.firstMoment, moved.secondMoment];
  return outputs.map((values) => backend.makeTensorInfo(parameter.shape, "float32", values));
}

export const adamwKernels: FastKernels = { AdamWStep: adamwStep };
