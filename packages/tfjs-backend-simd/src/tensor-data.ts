import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { SimdBackend } from "./simd-backend.js";

/** The arrays that hold numbers: float32, int32, and bool as bytes. */
export type NumericArray = Float32Array | Int32Array | Uint8Array;

/**
 * The array behind a tensor, not a copy: for kernels that other packages register for `simd` (or `cpu`).
 * Never write to it, other tensors may share it; do not keep it beyond the kernel, its memory is used again when the
 * tensor is freed.
 * @param backend the `backend` argument of the kernel
 * @param tensor  any float32, int32 or bool tensor, row-major
 * @returns       [size] its values; `Float32Array` for float32 except after a stock cast, which keeps the old array
 * @throws TypeError for a complex64 or string tensor
 */
export function dataOf(backend: MathBackendCPU, tensor: TensorInfo): NumericArray {
  const values = backend.data.get(tensor.dataId)?.values;
  if (ArrayBuffer.isView(values)) return values as NumericArray;
  // Stock kernels leave a plain empty list where a result has no entries: `gatherND` of no indices.
  if (isNumeric(tensor.dtype) && values?.length === 0) return emptyArray(tensor.dtype);
  throw new TypeError(`dataOf: expected a numeric tensor for tensor, got dtype ${tensor.dtype}`);
}

function emptyArray(dtype: string): NumericArray {
  if (dtype === "float32") return new Float32Array(0);
  return dtype === "int32" ? new Int32Array(0) : new Uint8Array(0);
}

/**
 * The values of a float32 tensor as a `Float32Array`; the tensor's own array wherever it is one, so never write to it.
 * @param backend the `backend` argument of the kernel
 * @param tensor  float32 tensor, row-major
 * @throws TypeError for another dtype
 */
export function float32Of(backend: MathBackendCPU, tensor: TensorInfo): Float32Array {
  if (tensor.dtype !== "float32") {
    throw new TypeError(`float32Of: expected a float32 tensor for tensor, got dtype ${tensor.dtype}`);
  }
  const values = backend.data.get(tensor.dataId).values;
  return values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number>);
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** Row-major strides of a shape, one per axis (the last is 1). */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** An array of any values, of the type that holds a numeric dtype, for the result of a kernel. */
export function arrayFor(backend: SimdBackend, dtype: string, size: number): NumericArray {
  if (dtype === "float32") return backend.allocate(size);
  return dtype === "int32" ? new Int32Array(size) : new Uint8Array(size);
}

/** True for the dtypes that `NumericArray` holds. */
export function isNumeric(dtype: string): boolean {
  return dtype === "float32" || dtype === "int32" || dtype === "bool";
}
