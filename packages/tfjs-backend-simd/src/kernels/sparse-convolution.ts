import { kernels, type PairMap } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { float32Of } from "../tensor-data.js";

/** Attributes: which input row meets which output row under which tap, and how many rows there are. */
interface Pairs {
  readonly map: PairMap;
  readonly inRows: number;
  readonly outRows: number;
}

/** Inputs features [inRows, cin], weights [.., cin, cout] of `taps` matrices; output [outRows, cout]. */
function convolve({ inputs, attrs, backend }: KernelCall): { out: Float32Array; shape: [number, number] } {
  const { features, weights } = inputs;
  const { map, inRows, outRows }: Pairs = attrs;
  const [cin, cout] = weights.shape.slice(-2);
  const out = backend.allocate(outRows * cout);
  const options = { map, inRows, outRows, cin, cout, precision: backend.precision };
  kernels().mappedGemm(float32Of(backend, features), float32Of(backend, weights), out, options);
  return { out, shape: [outRows, cout] };
}

function sparseConvolution(call: KernelCall) {
  const { out, shape } = convolve(call);
  return call.backend.makeTensorInfo(shape, "float32", out);
}

/** relu(sparseConvolution + bias [cout]), the second half in place. */
function sparseConvolutionBiasRelu(call: KernelCall) {
  const { inputs, backend } = call;
  const { out, shape } = convolve(call);
  const [rows, channels] = shape;
  const arrays = { x: out, scale: new Float32Array(channels).fill(1), shift: float32Of(backend, inputs.bias) };
  kernels().scaleShiftRelu(arrays, out, { rows, channels, relu: true });
  return backend.makeTensorInfo(shape, "float32", out);
}

/** Inputs dOut [outRows, cout], weights; output [inRows, cin]. */
function sparseConvolutionFeatureGrad({ inputs, attrs, backend }: KernelCall) {
  const { dOut, weights } = inputs;
  const { map, inRows, outRows }: Pairs = attrs;
  const [cin, cout] = weights.shape.slice(-2);
  const out = backend.allocate(inRows * cin);
  const options = { map, inRows, outRows, cin, cout, precision: backend.precision };
  kernels().mappedGemmInputGradient(float32Of(backend, dOut), float32Of(backend, weights), out, options);
  return backend.makeTensorInfo([inRows, cin], "float32", out);
}

/** Below so many channels rounding the rows of a weight gradient takes longer than it saves: they are float32 always. */
const FEWEST_ROUNDED = 32;

/** Inputs features [inRows, cin], dOut [outRows, cout]; output [taps, cin, cout]. */
function sparseConvolutionWeightGrad({ inputs, attrs, backend }: KernelCall) {
  const { features, dOut } = inputs;
  const { map, inRows, outRows }: Pairs = attrs;
  const [cin, cout] = [features.shape[1], dOut.shape[1]];
  const out = backend.allocate(map.taps * cin * cout);
  const precision = Math.min(cin, cout) < FEWEST_ROUNDED ? "float32" : backend.precision;
  const options = { map, inRows, outRows, cin, cout, precision };
  kernels().mappedGemmWeightGradient(float32Of(backend, features), float32Of(backend, dOut), out, options);
  return backend.makeTensorInfo([map.taps, cin, cout], "float32", out);
}

export const sparseConvolutionKernels: FastKernels = {
  SparseConvolution: sparseConvolution,
  SparseConvolutionBiasRelu: sparseConvolutionBiasRelu,
  SparseConvolutionFeatureGrad: sparseConvolutionFeatureGrad,
  SparseConvolutionWeightGrad: sparseConvolutionWeightGrad,
};
