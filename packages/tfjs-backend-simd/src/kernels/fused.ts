import { getKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { type FastKernel, type FastKernels, type KernelCall, kernelsFor } from "../fast-kernel.js";
import { float32Of } from "../tensor-data.js";
import { convolve } from "./conv2d.js";
import { multiplyMatrices } from "./mat-mul.js";

/** Activations that are kernels of their own, by the name that fused ops give them. */
const activations: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  sigmoid: "Sigmoid",
};

type Product = (call: KernelCall) => { out: Float32Array; shape: number[] } | undefined;

/** The bias where ReLU of a sum with one number per column is asked for. */
function biasOfRelu({ inputs, attrs, backend }: KernelCall, columns: number): Float32Array | undefined {
  const bias: TensorInfo | undefined = inputs.bias;
  if (attrs.activation !== "relu" || bias?.dtype !== "float32") return undefined;
  return bias.shape.length === 1 && bias.shape[0] === columns ? float32Of(backend, bias) : undefined;
}

/** A product of channels-last result, a bias [channels] and an activation in one kernel. */
function fusedKernel(product: Product): FastKernel {
  return (call) => {
    const { inputs, attrs, backend } = call;
    const bias: TensorInfo | undefined = inputs.bias;
    const activation: string = attrs.activation ?? "linear";
    if (activation !== "linear" && activations[activation] === undefined) return undefined;
    if (bias && (bias.dtype !== "float32" || bias.shape.length !== 1)) return undefined;
    const result = product(call);
    if (!result) return undefined;
    const { out, shape } = result;
    const columns = shape[shape.length - 1];
    const reluBias = biasOfRelu(call, columns);
    if (reluBias) {
      addBiasRelu(out, reluBias);
      return backend.makeTensorInfo(shape, "float32", out);
    }
    if (bias && out.length > 0) {
      const bMode = bias.shape[0] === 1 ? "scalar" : "row";
      const rows = out.length / columns;
      const options = { operation: "add", rows, columns, aMode: "full", bMode } as const;
      kernelsFor(out.length).binary(out, float32Of(backend, bias), out, options);
    }
    const linear = backend.makeTensorInfo(shape, "float32", out);
    if (activation === "linear") return linear;
    const activate = getKernel(activations[activation], "simd").kernelFunc;
    const activated = activate({ inputs: { x: linear }, attrs: {}, backend });
    backend.disposeIntermediateTensorInfo(linear);
    return activated;
  };
}

/** `out = relu(out + bias)` with a bias per column, in place: one pass over the fresh product. Times 1 is exact. */
function addBiasRelu(out: Float32Array, bias: Float32Array): void {
  if (out.length === 0) return; // no columns, perhaps, by which rows could be counted
  const options = { rows: out.length / bias.length, channels: bias.length, relu: true };
  const scale = new Float32Array(bias.length).fill(1);
  kernelsFor(out.length).scaleShiftRelu({ x: out, scale, shift: bias }, out, options);
}

/** With bias and ReLU all at once, else a pass behind the convolution for each. */
const fusedConv2D: FastKernel = (call) => {
  const bias = biasOfRelu(call, call.inputs.filter.shape[3]);
  const result = bias && convolve(call, bias);
  return result ? call.backend.makeTensorInfo(result.shape, "float32", result.out) : convolutionAndPasses(call);
};
const convolutionAndPasses = fusedKernel(convolve);

export const fusedKernels: FastKernels = {
  FusedConv2D: fusedConv2D,
  _FusedMatMul: fusedKernel((call) => multiplyMatrices(call, call.backend.precision)),
};
