import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { FastKernel, FastKernels } from "../fast-kernel.js";
import { float32Of } from "../tensor-data.js";

/** Softmax over the last axis: exponentials of the distance to the row's maximum, summed in float64. */
const softmax: FastKernel = ({ inputs, attrs, backend }) => {
  const logits: TensorInfo = inputs.logits;
  const rank = logits.shape.length;
  if (logits.dtype !== "float32" || rank === 0 || (attrs.dim !== -1 && attrs.dim !== rank - 1)) return undefined;
  const columns = logits.shape[rank - 1];
  const x = float32Of(backend, logits);
  const out = backend.allocate(x.length);
  for (let start = 0; start < x.length; start += columns) {
    let largest = x[start];
    for (let c = 1; c < columns; c++) largest = Math.max(largest, x[start + c]);
    let sum = 0;
    for (let c = 0; c < columns; c++) {
      const value = Math.exp(x[start + c] - largest);
      out[start + c] = value;
      sum += value;
    }
    for (let c = 0; c < columns; c++) out[start + c] /= sum;
  }
  return backend.makeTensorInfo(logits.shape, "float32", out);
};

export const softmaxKernels: FastKernels = { Softmax: softmax };
