import { backend_util, slice_util, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { FastKernel, FastKernels, KernelCall } from "../fast-kernel.js";
import type { SimdBackend } from "../simd-backend.js";
import { copyStrided } from "../strided-copy.js";
import { arrayFor, dataOf, isNumeric, sizeOf, stridesOf } from "../tensor-data.js";

// Kernels that only move numbers: each is one strided copy.

const transpose: FastKernel = ({ inputs, attrs, backend }) => {
  const x: TensorInfo = inputs.x;
  const perm: number[] = attrs.perm;
  if (!isNumeric(x.dtype)) return undefined;
  const shape = perm.map((axis) => x.shape[axis]);
  const strides = stridesOf(x.shape);
  const out = arrayFor(backend, x.dtype, sizeOf(shape));
  const from = { values: dataOf(backend, x), offset: 0, strides: perm.map((axis) => strides[axis]) };
  copyStrided(from, { values: out, offset: 0, strides: stridesOf(shape) }, shape);
  return backend.makeTensorInfo(shape, x.dtype, out);
};

/** A part of `x`; a contiguous part shares the array of `x`, as in the stock kernel. */
function sliceOf(backend: SimdBackend, x: TensorInfo, begin: readonly number[], size: number[]): TensorInfo {
  const strides = stridesOf(x.shape);
  let offset = 0;
  for (let axis = 0; axis < begin.length; axis++) offset += begin[axis] * strides[axis];
  const values = dataOf(backend, x);
  const length = sizeOf(size);
  if (length > 0 && slice_util.isSliceContinous(x.shape, begin as number[], size)) {
    return backend.makeTensorInfo(size, x.dtype, values.subarray(offset, offset + length));
  }
  const out = arrayFor(backend, x.dtype, length);
  copyStrided({ values, offset, strides }, { values: out, offset: 0, strides: stridesOf(size) }, size);
  return backend.makeTensorInfo(size, x.dtype, out);
}

const slice: FastKernel = ({ inputs, attrs, backend }) => {
  const { x } = inputs;
  if (!isNumeric(x.dtype)) return undefined;
  const [begin, size] = slice_util.parseSliceParams(x, attrs.begin, attrs.size);
  slice_util.assertParamsValid(x, begin, size);
  return sliceOf(backend, x, begin, size);
};

const splitV: FastKernel = ({ inputs, attrs, backend }) => {
  const x: TensorInfo = inputs.x;
  if (!isNumeric(x.dtype)) return undefined;
  const axis = util.parseAxisParam(attrs.axis, x.shape)[0];
  const lengths = backend_util.prepareSplitSize(
    x as Parameters<typeof backend_util.prepareSplitSize>[0],
    attrs.numOrSizeSplits,
    axis,
  );
  let start = 0;
  return lengths.map((length) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    const size = x.shape.map((full, i) => (i === axis ? length : full));
    start += length;
    return sliceOf(backend, x, begin, size);
  });
};

const unpack: FastKernel = ({ inputs, attrs, backend }) => {
  const x: TensorInfo = inputs.value;
  if (!isNumeric(x.dtype)) return undefined;
  const axis = util.parseAxisParam(attrs.axis, x.shape)[0];
  return Array.from({ length: x.shape[axis] }, (_, index) => {
    const begin = x.shape.map((_, i) => (i === axis ? index : 0));
    const size = x.shape.map((full, i) => (i === axis ? 1 : full));
    return { ...sliceOf(backend, x, begin, size), shape: x.shape.filter((_, i) => i !== axis) };
  });
};

const padV2: FastKernel = ({ inputs, attrs, backend }) => {
  const x: TensorInfo = inputs.x;
  const paddings: [number, number][] = attrs.paddings;
  if (!isNumeric(x.dtype) || paddings.length !== x.shape.length) return undefined;
  const shape = paddings.map(([before, after], axis) => before + x.shape[axis] + after);
  const strides = stridesOf(shape);
  const out = arrayFor(backend, x.dtype, sizeOf(shape));
  out.fill(attrs.constantValue);
  let offset = 0;
  for (let axis = 0; axis < shape.length; axis++) offset += paddings[axis][0] * strides[axis];
  copyStrided(
    { values: dataOf(backend, x), offset: 0, strides: stridesOf(x.shape) },
    { values: out, offset, strides },
    x.shape,
  );
  return backend.makeTensorInfo(shape, x.dtype, out);
};

/** Repeats along every axis: read as [reps0, length0, reps1, length1, …] where a repetition steps by 0. */
const tile: FastKernel = ({ inputs, attrs, backend }) => {
  const x: TensorInfo = inputs.x;
  const reps: number[] = attrs.reps;
  if (!isNumeric(x.dtype) || reps.length !== x.shape.length) return undefined;
  const shape = x.shape.map((length, axis) => length * reps[axis]);
  const xStrides = stridesOf(x.shape);
  const interleaved = x.shape.flatMap((length, axis) => [reps[axis], length]);
  const out = arrayFor(backend, x.dtype, sizeOf(shape));
  copyStrided(
    { values: dataOf(backend, x), offset: 0, strides: xStrides.flatMap((stride) => [0, stride]) },
    { values: out, offset: 0, strides: stridesOf(interleaved) },
    interleaved,
  );
  return backend.makeTensorInfo(shape, x.dtype, out);
};

const reverse: FastKernel = ({ inputs, attrs, backend }) => {
  const x: TensorInfo = inputs.x;
  if (!isNumeric(x.dtype) || x.shape.length === 0) return undefined;
  const named = util.parseAxisParam(attrs.dims, x.shape);
  // An axis that is named twice is turned twice, as by the stock kernel.
  const axes = [...x.shape.keys()].filter((axis) => named.filter((each) => each === axis).length % 2 === 1);
  const strides = stridesOf(x.shape);
  let offset = 0;
  for (const axis of axes) offset += (x.shape[axis] - 1) * strides[axis];
  const from = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
  const out = arrayFor(backend, x.dtype, sizeOf(x.shape));
  copyStrided({ values: dataOf(backend, x), offset, strides: from }, { values: out, offset: 0, strides }, x.shape);
  return backend.makeTensorInfo(x.shape, x.dtype, out);
};

function concatAlong(call: KernelCall, inputs: readonly TensorInfo[], axis: number): TensorInfo | undefined {
  const { backend } = call;
  const dtype = inputs[0].dtype;
  if (!isNumeric(dtype)) return undefined;
  backend_util.assertParamsConsistent(
    inputs.map((tensor) => tensor.shape),
    axis,
  );
  const shape = backend_util.computeOutShape(
    inputs.map((tensor) => tensor.shape),
    axis,
  );
  const out = arrayFor(backend, dtype, sizeOf(shape));
  const rowLength = sizeOf(shape.slice(axis));
  let offset = 0;
  for (const tensor of inputs) {
    const length = sizeOf(tensor.shape.slice(axis));
    const rows = sizeOf(tensor.shape.slice(0, axis));
    copyStrided(
      { values: dataOf(backend, tensor), offset: 0, strides: [length, 1] },
      { values: out, offset, strides: [rowLength, 1] },
      [rows, length],
    );
    offset += length;
  }
  return backend.makeTensorInfo(shape, dtype, out);
}

const concat: FastKernel = (call) => {
  const inputs = call.inputs as TensorInfo[];
  return concatAlong(call, inputs, util.parseAxisParam(call.attrs.axis, inputs[0].shape)[0]);
};

const pack: FastKernel = (call) => {
  const inputs = call.inputs as TensorInfo[];
  const { shape, dtype } = inputs[0];
  for (const tensor of inputs) {
    util.assertShapesMatch(shape, tensor.shape, "All tensors passed to stack must have matching shapes");
    util.assert(dtype === tensor.dtype, () => "All tensors passed to stack must have matching dtypes");
  }
  const axis: number = call.attrs.axis < 0 ? call.attrs.axis + shape.length + 1 : call.attrs.axis;
  const expanded = inputs.map((tensor) => ({ ...tensor, shape: [...shape.slice(0, axis), 1, ...shape.slice(axis)] }));
  return concatAlong(call, expanded, axis);
};

export const moveKernels: FastKernels = {
  Transpose: transpose,
  Slice: slice,
  SplitV: splitV,
  Unpack: unpack,
  PadV2: padV2,
  Tile: tile,
  Reverse: reverse,
  Concat: concat,
  Pack: pack,
};
