import { backend_util } from "@tensorflow/tfjs-core";
import { type Conv2dOptions, kernels } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { float32Of, sizeOf } from "../tensor-data.js";

/** tfjs' description of a convolution as that of simd-kernels, in the precision of the backend; `undefined` for what only the stock kernel does. */
function planOf(
  { attrs, backend }: KernelCall,
  input: number[],
  filter: number[],
  dilations: number | [number, number],
) {
  if (backend_util.convertConv2DDataFormat(attrs.dataFormat ?? "NHWC") !== "channelsLast") return undefined;
  const info = backend_util.computeConv2DInfo(
    input as [number, number, number, number],
    filter as [number, number, number, number],
    attrs.strides,
    dilations,
    attrs.pad,
    attrs.dimRoundingMode,
    false,
    "channelsLast",
  );
  if (info.inChannels !== filter[2] || sizeOf(info.outShape) === 0 || sizeOf(input) === 0) return undefined;
  const options: Conv2dOptions = {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    precision: backend.precision,
  };
  return { options, outShape: info.outShape };
}

/**
 * Convolution values and result shape of float32 NHWC `x` [b,h,w,cin] with `filter` [kh,kw,cin,cout]; with a `bias` [cout] those of
 * relu(convolution + bias).
 */
export function convolve(call: KernelCall, bias?: Float32Array): { out: Float32Array; shape: number[] } | undefined {
  const { inputs, attrs, backend } = call;
  const { x, filter } = inputs;
  if (x.dtype !== "float32" || filter.dtype !== "float32") return undefined;
  const plan = planOf(call, x.shape, filter.shape, attrs.dilations);
  if (!plan) return undefined;
  const out = backend.allocate(sizeOf(plan.outShape));
  const [input, weights] = [float32Of(backend, x), float32Of(backend, filter)];
  if (bias) kernels().conv2dBiasRelu({ input, filter: weights, bias }, out, plan.options);
  else kernels().conv2d(input, weights, out, plan.options);
  return { out, shape: plan.outShape };
}

function conv2D(call: KernelCall) {
  const result = convolve(call);
  return result && call.backend.makeTensorInfo(result.shape, "float32", result.out);
}

// The stock gradients know no dilation, and tfjs refuses to differentiate a dilated convolution: both use dilation 1.

function conv2DBackpropInput(call: KernelCall) {
  const { inputs, attrs, backend } = call;
  const { dy, filter } = inputs;
  if (dy.dtype !== "float32" || filter.dtype !== "float32") return undefined;
  const plan = planOf(call, attrs.inputShape, filter.shape, 1);
  if (!plan || sizeOf(plan.outShape) !== sizeOf(dy.shape)) return undefined;
  const dx = backend.allocate(sizeOf(attrs.inputShape));
  kernels().conv2dInputGradient(float32Of(backend, dy), float32Of(backend, filter), dx, plan.options);
  return backend.makeTensorInfo(attrs.inputShape, "float32", dx);
}

function conv2DBackpropFilter(call: KernelCall) {
  const { inputs, attrs, backend } = call;
  const { x, dy } = inputs;
  if (x.dtype !== "float32" || dy.dtype !== "float32") return undefined;
  const plan = planOf(call, x.shape, attrs.filterShape, 1);
  if (!plan || sizeOf(plan.outShape) !== sizeOf(dy.shape)) return undefined;
  const gradient = backend.allocate(sizeOf(attrs.filterShape));
  kernels().conv2dFilterGradient(float32Of(backend, x), float32Of(backend, dy), gradient, plan.options);
  return backend.makeTensorInfo(attrs.filterShape, "float32", gradient);
}

export const conv2dKernels: FastKernels = {
  Conv2D: conv2D,
  Conv2DBackpropInput: conv2DBackpropInput,
  Conv2DBackpropFilter: conv2DBackpropFilter,
};
