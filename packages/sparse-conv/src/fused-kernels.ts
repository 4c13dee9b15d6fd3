import * as tf from "@tensorflow/tfjs-core";
import { kernels } from "simd-kernels";
import type { Rulebook } from "./rulebook.js";

/**
 * Sparse convolution on the backend `simd`: three tfjs kernels, each one call of simd-kernels on the backend's own
 * arrays. They are registered when they are first needed, so importing this package has no side effect.
 */
const BACKEND = "simd";
const FORWARD = "SparseConvolution";
const FEATURE_GRADIENT = "SparseConvolutionFeatureGrad";
const WEIGHT_GRADIENT = "SparseConvolutionWeightGrad";

/** Whether the current backend runs the fused kernels. */
export function fusedAvailable(): boolean {
  return tf.getBackend() === BACKEND;
}

export function fusedForward(features: tf.Tensor2D, weights: tf.Tensor5D, rulebook: Rulebook): tf.Tensor2D {
  return run(FORWARD, { features, weights }, { rulebook });
}

export function fusedFeatureGradient(dOut: tf.Tensor2D, weights: tf.Tensor5D, rulebook: Rulebook): tf.Tensor2D {
  return run(FEATURE_GRADIENT, { dOut, weights }, { rulebook });
}

export function fusedWeightGradient(
  features: tf.Tensor2D,
  dOut: tf.Tensor2D,
  shape: readonly number[],
  rulebook: Rulebook,
): tf.Tensor5D {
  return run(WEIGHT_GRADIENT, { features, dOut }, { rulebook, shape });
}

function run<T extends tf.Tensor>(name: string, inputs: Record<string, tf.Tensor>, attributes: object): T {
  registerFusedKernels();
  return tf.engine().runKernel(name, inputs, attributes as unknown as tf.NamedAttrMap) as T;
}

function registerFusedKernels(): void {
  if (tf.getKernel(FORWARD, BACKEND) !== undefined) return;

  register(FORWARD, ({ features, weights }, { rulebook }, out) => {
    const [cin, cout] = weights.shape.slice(3);
    const result = new Float32Array(rulebook.outRows * cout);
    kernels().mappedGemm(out.read(features), out.read(weights), result, { ...sizes(rulebook), cin, cout });
    return out.make([rulebook.outRows, cout], result);
  });

  register(FEATURE_GRADIENT, ({ dOut, weights }, { rulebook }, out) => {
    const [cin, cout] = weights.shape.slice(3);
    const result = new Float32Array(rulebook.inRows * cin);
    kernels().mappedGemmInputGradient(out.read(dOut), out.read(weights), result, { ...sizes(rulebook), cin, cout });
    return out.make([rulebook.inRows, cin], result);
  });

  register(WEIGHT_GRADIENT, ({ features, dOut }, { rulebook, shape }, out) => {
    const [cin, cout] = [features.shape[1], dOut.shape[1]];
    const result = new Float32Array(rulebook.map.taps * cin * cout);
    kernels().mappedGemmWeightGradient(out.read(features), out.read(dOut), result, { ...sizes(rulebook), cin, cout });
    return out.make(shape, result);
  });
}

function sizes({ map, inRows, outRows }: Rulebook) {
  return { map, inRows, outRows };
}

interface KernelAttributes {
  readonly rulebook: Rulebook;
  readonly shape: readonly number[];
}

/** Reads and makes tensors of the backend that a kernel runs on. */
interface BackendArrays {
  read(tensor: tf.TensorInfo): Float32Array;
  make(shape: readonly number[], values: Float32Array): tf.TensorInfo;
}

/** The parts of tfjs's in-memory CPU backend that `simd` inherits and the kernels use. */
interface MemoryBackend {
  readSync(dataId: object): Float32Array;
  makeTensorInfo(shape: number[], dtype: "float32", values: Float32Array): tf.TensorInfo;
}

function register(
  kernelName: string,
  compute: (
    inputs: Record<string, tf.TensorInfo>,
    attributes: KernelAttributes,
    arrays: BackendArrays,
  ) => tf.TensorInfo,
): void {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const memory = backend as MemoryBackend;
      return compute(inputs as Record<string, tf.TensorInfo>, attrs as unknown as KernelAttributes, {
        read: (tensor) => memory.readSync(tensor.dataId),
        make: (shape, values) => memory.makeTensorInfo([...shape], "float32", values),
      });
    },
  });
}
