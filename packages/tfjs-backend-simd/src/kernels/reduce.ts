import { backend_util, getKernel, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { ReduceOperation } from "simd-kernels";
import { type FastKernel, type FastKernels, type KernelCall, kernelsFor } from "../fast-kernel.js";
import { copyStrided } from "../strided-copy.js";
import { float32Of, sizeOf, stridesOf } from "../tensor-data.js";

/** Sum, mean, maximum or minimum of a float32 tensor over any axes. Empty tensors go to the stock kernel. */
function reduceKernel(operation: ReduceOperation): FastKernel {
  return ({ inputs, attrs, backend }) => {
    const x: TensorInfo = inputs.x;
    if (x.dtype !== "float32" || sizeOf(x.shape) === 0) return undefined;
    const axes = util.parseAxisParam(attrs.axis ?? attrs.reductionIndices, x.shape);
    const [outShape] = backend_util.computeOutAndReduceShapes(x.shape, axes);
    const out = new Float32Array(sizeOf(outShape));
    reduceInto(operation, float32Of(backend, x), out, { shape: x.shape, axes });
    const shape = attrs.keepDims ? backend_util.expandShapeToKeepDim(outShape, axes) : outShape;
    return backend.makeTensorInfo(shape, "float32", out);
  };
}

/** Reduces in place where the axes, joined, read [kept, reduced, kept]; other orders are transposed first. */
function reduceInto(
  operation: ReduceOperation,
  x: Float32Array,
  out: Float32Array,
  { shape, axes }: { shape: readonly number[]; axes: readonly number[] },
): void {
  const groups = joinAxes(shape, axes);
  const layer = kernelsFor(x.length);
  if (!groups.some((group) => group.reduced)) {
    out.set(x);
    return;
  }
  if (groups.filter((group) => group.reduced).length > 1) {
    const sorted = [...shape.keys()].sort((i, j) => Number(axes.includes(i)) - Number(axes.includes(j)) || i - j);
    const lengths = sorted.map((axis) => shape[axis]);
    const strides = stridesOf(shape);
    const moved = new Float32Array(x.length);
    const from = { values: x, offset: 0, strides: sorted.map((axis) => strides[axis]) };
    copyStrided(from, { values: moved, offset: 0, strides: stridesOf(lengths) }, lengths);
    layer.reduce(moved, out, { operation, outer: out.length, inner: x.length / out.length, axis: "inner" });
    return;
  }
  const at = groups.findIndex((group) => group.reduced);
  const before = sizeOf(groups.slice(0, at).map((group) => group.length));
  const count = groups[at].length;
  const after = sizeOf(groups.slice(at + 1).map((group) => group.length));
  if (after === 1) {
    layer.reduce(x, out, { operation, outer: before, inner: count, axis: "inner" });
    return;
  }
  const block = kernelsFor(count * after);
  for (let i = 0; i < before; i++) {
    const part = x.subarray(i * count * after, (i + 1) * count * after);
    block.reduce(part, out.subarray(i * after, (i + 1) * after), {
      operation,
      outer: count,
      inner: after,
      axis: "outer",
    });
  }
}

function joinAxes(shape: readonly number[], axes: readonly number[]): { length: number; reduced: boolean }[] {
  const groups: { length: number; reduced: boolean }[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    if (shape[axis] === 1) continue;
    const reduced = axes.includes(axis);
    const last = groups[groups.length - 1];
    if (last?.reduced === reduced) last.length *= shape[axis];
    else groups.push({ length: shape[axis], reduced });
  }
  return groups;
}

/** Index of the extreme along one axis: the axis is brought to the end fast, the stock kernel then scans rows. */
function argKernel(name: "ArgMax" | "ArgMin"): FastKernel {
  const scan = (call: KernelCall) => getKernel(name, "cpu").kernelFunc(call) as TensorInfo;
  return ({ inputs, attrs, backend }) => {
    const x: TensorInfo = inputs.x;
    const axis = util.parseAxisParam(attrs.axis, x.shape)[0];
    if (x.dtype !== "float32" || axis === x.shape.length - 1) return scan({ inputs, attrs, backend });
    const order = [...x.shape.keys()].filter((i) => i !== axis).concat(axis);
    const shape = order.map((i) => x.shape[i]);
    const strides = stridesOf(x.shape);
    const moved = new Float32Array(sizeOf(shape));
    const from = { values: float32Of(backend, x), offset: 0, strides: order.map((i) => strides[i]) };
    copyStrided(from, { values: moved, offset: 0, strides: stridesOf(shape) }, shape);
    const rows = backend.makeTensorInfo(shape, "float32", moved);
    const result = scan({ inputs: { x: rows }, attrs: { axis: shape.length - 1 }, backend });
    backend.disposeIntermediateTensorInfo(rows);
    return result;
  };
}

export const reduceKernels: FastKernels = {
  Sum: reduceKernel("sum"),
  Mean: reduceKernel("mean"),
  Max: reduceKernel("max"),
  Min: reduceKernel("min"),
  ArgMax: argKernel("ArgMax"),
  ArgMin: argKernel("ArgMin"),
};
