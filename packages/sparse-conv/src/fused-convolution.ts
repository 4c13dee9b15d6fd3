import type * as tf from "@tensorflow/tfjs-core";
import { kernels } from "simd-kernels";
import type { Rulebook } from "./rulebook.js";
import { simdKernel } from "./simd-kernel.js";

// Sparse convolution on the backend `simd`: each direction is one call of simd-kernels on the backend's own arrays.

const forward = simdKernel<Attributes, tf.TensorInfo>(
  "SparseConvolution",
  ({ features, weights }, { rulebook }, arrays) => {
    const [cin, cout] = weights.shape.slice(3);
    const result = arrays.allocate(rulebook.outRows * cout);
    const options = { ...sizes(rulebook), cin, cout };
    kernels().mappedGemm(arrays.readFloats(features), arrays.readFloats(weights), result, options);
    return arrays.make([rulebook.outRows, cout], result);
  },
);

const forwardBiasRelu = simdKernel<Attributes, tf.TensorInfo>(
  "SparseConvolutionBiasRelu",
  ({ features, weights, bias }, { rulebook }, arrays) => {
    const [cin, cout] = weights.shape.slice(3);
    const result = arrays.allocate(rulebook.outRows * cout);
    const options = { ...sizes(rulebook), cin, cout };
    kernels().mappedGemm(arrays.readFloats(features), arrays.readFloats(weights), result, options);
    const inputs = { x: result, scale: new Float32Array(cout).fill(1), shift: arrays.readFloats(bias) };
    kernels().scaleShiftRelu(inputs, result, { rows: rulebook.outRows, channels: cout, relu: true });
    return arrays.make([rulebook.outRows, cout], result);
  },
);

const featureGradient = simdKernel<Attributes, tf.TensorInfo>(
  "SparseConvolutionFeatureGrad",
  ({ dOut, weights }, { rulebook }, arrays) => {
    const [cin, cout] = weights.shape.slice(3);
    const result = arrays.allocate(rulebook.inRows * cin);
    const options = { ...sizes(rulebook), cin, cout };
    kernels().mappedGemmInputGradient(arrays.readFloats(dOut), arrays.readFloats(weights), result, options);
    return arrays.make([rulebook.inRows, cin], result);
  },
);

const weightGradient = simdKernel<Attributes & { readonly shape: readonly number[] }, tf.TensorInfo>(
  "SparseConvolutionWeightGrad",
  ({ features, dOut }, { rulebook, shape }, arrays) => {
    const [cin, cout] = [features.shape[1], dOut.shape[1]];
    const result = arrays.allocate(rulebook.map.taps * cin * cout);
    const options = { ...sizes(rulebook), cin, cout };
    kernels().mappedGemmWeightGradient(arrays.readFloats(features), arrays.readFloats(dOut), result, options);
    return arrays.make(shape, result);
  },
);

/** [outRows, cout], as sparseConvolution says. */
export function fusedForward(features: tf.Tensor2D, weights: tf.Tensor5D, rulebook: Rulebook): tf.Tensor2D {
  return forward({ features, weights }, { rulebook }) as tf.Tensor2D;
}

/** relu({@link fusedForward} + bias [cout]), the second half in place. */
export function fusedForwardBiasRelu(
  features: tf.Tensor2D,
  { weights, bias }: { readonly weights: tf.Tensor5D; readonly bias: tf.Tensor1D },
  rulebook: Rulebook,
): tf.Tensor2D {
  return forwardBiasRelu({ features, weights, bias }, { rulebook }) as tf.Tensor2D;
}

/** [inRows, cin] from dOut [outRows, cout]. */
export function fusedFeatureGradient(dOut: tf.Tensor2D, weights: tf.Tensor5D, rulebook: Rulebook): tf.Tensor2D {
  return featureGradient({ dOut, weights }, { rulebook }) as tf.Tensor2D;
}

/** [kz, ky, kx, cin, cout] from features [inRows, cin] and dOut [outRows, cout]. */
export function fusedWeightGradient(
  features: tf.Tensor2D,
  dOut: tf.Tensor2D,
  { shape, rulebook }: { readonly shape: readonly number[]; readonly rulebook: Rulebook },
): tf.Tensor5D {
  return weightGradient({ features, dOut }, { rulebook, shape }) as tf.Tensor5D;
}

interface Attributes {
  readonly rulebook: Rulebook;
}

function sizes({ map, inRows, outRows }: Rulebook) {
  return { map, inRows, outRows };
}
