import type { UnaryOperation } from "simd-kernels";
import { type FastKernel, type FastKernels, type KernelCall, kernelsFor } from "../fast-kernel.js";
import { float32Of } from "../tensor-data.js";

type UnaryLoop = (x: Float32Array, out: Float32Array, attrs: KernelCall["attrs"]) => void;

function loopKernel(loop: UnaryLoop): FastKernel {
  return ({ inputs, attrs, backend }) => {
    const { x } = inputs;
    if (x.dtype !== "float32") return undefined;
    const values = float32Of(backend, x);
    const out = backend.allocate(values.length);
    loop(values, out, attrs);
    return backend.makeTensorInfo(x.shape, "float32", out);
  };
}

function unaryKernel(operation: UnaryOperation): FastKernel {
  return loopKernel((x, out) => {
    if (x.length > 0) kernelsFor(x.length).unary(x, out, { operation });
  });
}

const step = unaryKernel("step");

// Functions beyond the four operations stay in float64 and are rounded once, exactly as the stock kernels do. One loop
// per function: a callback that is chosen at run time would not be inlined.

const sigmoid: UnaryLoop = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = 1 / (1 + Math.exp(-x[i]));
};

const exp: UnaryLoop = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = Math.exp(x[i]);
};

const log: UnaryLoop = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = Math.log(x[i]);
};

const log1p: UnaryLoop = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = Math.log1p(x[i]);
};

const tanh: UnaryLoop = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = Math.tanh(x[i]);
};

const sin: UnaryLoop = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = Math.sin(x[i]);
};

const cos: UnaryLoop = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = Math.cos(x[i]);
};

const relu6: UnaryLoop = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = Math.min(Math.max(0, x[i]), 6);
};

const clipByValue: UnaryLoop = (x, out, { clipValueMin, clipValueMax }) => {
  for (let i = 0; i < x.length; i++) out[i] = Math.min(Math.max(x[i], clipValueMin), clipValueMax);
};

/** NaN gives 0, as in the stock kernel and against NumPy. */
const sign: UnaryLoop = (x, out) => {
  for (let i = 0; i < x.length; i++) out[i] = x[i] > 0 ? 1 : x[i] < 0 ? -1 : 0;
};

export const unaryKernels: FastKernels = {
  Relu: unaryKernel("relu"),
  Neg: unaryKernel("neg"),
  Abs: unaryKernel("abs"),
  Square: unaryKernel("square"),
  Sqrt: unaryKernel("sqrt"),
  Rsqrt: unaryKernel("rsqrt"),
  Reciprocal: unaryKernel("reciprocal"),
  Step: (call) => (call.attrs.alpha ? undefined : step(call)),
  Sigmoid: loopKernel(sigmoid),
  Exp: loopKernel(exp),
  Log: loopKernel(log),
  Log1p: loopKernel(log1p),
  Tanh: loopKernel(tanh),
  Sin: loopKernel(sin),
  Cos: loopKernel(cos),
  Relu6: loopKernel(relu6),
  ClipByValue: loopKernel(clipByValue),
  Sign: loopKernel(sign),
};
