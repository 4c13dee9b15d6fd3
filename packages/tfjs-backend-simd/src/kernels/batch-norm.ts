import type { TensorInfo } from "@tensorflow/tfjs-core";
import { kernels } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { float32Of, sizeOf } from "../tensor-data.js";

/** Batch normalisation with given statistics; channels last, statistics [channels]. Arithmetic in float64, one rounding. */
function fusedBatchNorm({ inputs, attrs, backend }: KernelCall) {
  const { x, mean, variance, scale, offset } = inputs;
  const channels: number = x.shape[x.shape.length - 1];
  const parameters = [mean, variance, scale, offset].filter((tensor) => tensor != null);
  const perChannel = parameters.every((t) => t.dtype === "float32" && t.shape.length === 1 && t.shape[0] === channels);
  if (x.dtype !== "float32" || !perChannel || channels === 0) return undefined;

  const centre = float32Of(backend, mean);
  const spread = float32Of(backend, variance);
  const gain = scale && float32Of(backend, scale);
  const shift = offset ? float32Of(backend, offset) : new Float32Array(channels);
  const epsilon: number = attrs.varianceEpsilon ?? 0.001;
  const factor = Float64Array.from(spread, (v, c) => (gain ? gain[c] : 1) / Math.sqrt(v + epsilon));

  const values = float32Of(backend, x);
  const out = backend.allocate(values.length);
  for (let start = 0; start < values.length; start += channels) {
    for (let c = 0; c < channels; c++) out[start + c] = shift[c] + (values[start + c] - centre[c]) * factor[c];
  }
  return backend.makeTensorInfo(x.shape, "float32", out);
}

/** `x` of any rank as [rows, channels], channels last. */
function matrixOf(kernel: string, shape: readonly number[]): { rows: number; channels: number } {
  if (shape.length === 0) throw new RangeError(`${kernel}: expected rank ≥ 1 for x, got a scalar`);
  return { rows: sizeOf(shape.slice(0, -1)), channels: shape[shape.length - 1] };
}

/** Inputs x, gamma, beta; attrs epsilon, relu; outputs y, the batch mean and the biased batch variance. */
function batchNormReluTraining({ inputs, attrs, backend }: KernelCall) {
  const { x, gamma, beta } = inputs;
  const { rows, channels } = matrixOf("BatchNormReluTraining", x.shape);
  const y = backend.allocate(rows * channels);
  const mean = new Float32Array(channels);
  const variance = new Float32Array(channels);
  const options = { rows, channels, epsilon: attrs.epsilon, relu: attrs.relu };
  const read = (tensor: TensorInfo) => float32Of(backend, tensor);
  const arrays = { x: read(x), gamma: read(gamma), beta: read(beta) };
  kernels().batchNormReluForward(arrays, { out: y, mean, variance }, options);
  return [
    backend.makeTensorInfo(x.shape, "float32", y),
    backend.makeTensorInfo([channels], "float32", mean),
    backend.makeTensorInfo([channels], "float32", variance),
  ];
}

/** Inputs x, dy, gamma, beta, mean, variance; attrs epsilon, relu; outputs dx, dgamma, dbeta. */
function batchNormReluTrainingGrad({ inputs, attrs, backend }: KernelCall) {
  const { x, dy, gamma, beta, mean, variance } = inputs;
  const { rows, channels } = matrixOf("BatchNormReluTrainingGrad", x.shape);
  const dx = backend.allocate(rows * channels);
  const dgamma = new Float32Array(channels);
  const dbeta = new Float32Array(channels);
  const options = { rows, channels, epsilon: attrs.epsilon, relu: attrs.relu };
  const read = (tensor: TensorInfo) => float32Of(backend, tensor);
  const statistics = { mean: read(mean), variance: read(variance) };
  const arrays = { x: read(x), outGradient: read(dy), gamma: read(gamma), beta: read(beta), ...statistics };
  const outputs = { inputGradient: dx, gammaGradient: dgamma, betaGradient: dbeta };
  kernels().batchNormReluBackward(arrays, outputs, options);
  return [
    backend.makeTensorInfo(x.shape, "float32", dx),
    backend.makeTensorInfo([channels], "float32", dgamma),
    backend.makeTensorInfo([channels], "float32", dbeta),
  ];
}

/** Inputs x, scale, shift [channels]; attrs relu; output `x·scale + shift`, then ReLU if asked. */
function scaleShiftRelu({ inputs, attrs, backend }: KernelCall) {
  const { x, scale, shift } = inputs;
  const { rows, channels } = matrixOf("ScaleShiftRelu", x.shape);
  const y = backend.allocate(rows * channels);
  const options = { rows, channels, relu: attrs.relu };
  const arrays = { x: float32Of(backend, x), scale: float32Of(backend, scale), shift: float32Of(backend, shift) };
  kernels().scaleShiftRelu(arrays, y, options);
  return backend.makeTensorInfo(x.shape, "float32", y);
}

export const batchNormKernels: FastKernels = {
  FusedBatchNorm: fusedBatchNorm,
  BatchNormReluTraining: batchNormReluTraining,
  BatchNormReluTrainingGrad: batchNormReluTrainingGrad,
  ScaleShiftRelu: scaleShiftRelu,
};
