import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { FastKernel, FastKernels } from "../fast-kernel.js";
import { dataOf, isNumeric, type NumericArray } from "../tensor-data.js";

/**
 * Casts between numeric dtypes. The stock kernel keeps the old array when no precision is lost, so its float32 tensors may
 * hold an `Int32Array`; here every float32 tensor gets a `Float32Array`, which later kernels read without conversion.
 */
const cast: FastKernel = ({ inputs, attrs, backend }) => {
  const x: TensorInfo = inputs.x;
  const dtype: TensorInfo["dtype"] = attrs.dtype;
  if (!isNumeric(x.dtype) || !isNumeric(dtype)) return undefined;
  if (x.dtype === dtype) {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype };
  }
  const values = dataOf(backend, x);
  if (dtype === "bool") return backend.makeTensorInfo(x.shape, dtype, isNonZero(values));
  return backend.makeTensorInfo(
    x.shape,
    dtype,
    dtype === "float32" ? new Float32Array(values) : new Int32Array(values),
  );
};

/** 1 where a value differs from 0; NaN does. */
function isNonZero(values: NumericArray): Uint8Array {
  const out = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = values[i] !== 0 ? 1 : 0;
  return out;
}

/** `t` where the condition holds, else `e`; the condition has the shape of both. */
const select: FastKernel = ({ inputs, backend }) => {
  const { condition, t, e } = inputs;
  if (t.dtype !== "float32" || e.dtype !== "float32" || !sameShape(condition.shape, t.shape)) return undefined;
  const mask = dataOf(backend, condition);
  const yes = dataOf(backend, t);
  const no = dataOf(backend, e);
  const out = backend.allocate(mask.length);
  for (let i = 0; i < mask.length; i++) out[i] = mask[i] === 1 ? yes[i] : no[i];
  return backend.makeTensorInfo(t.shape, "float32", out);
};

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

export const castKernels: FastKernels = { Cast: cast, Select: select };
