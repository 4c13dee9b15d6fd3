import { backend_util, util } from "@tensorflow/tfjs-core";
import { kernels } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { arrayFor, dataOf, float32Of, isNumeric, type NumericArray, sizeOf } from "../tensor-data.js";

/** Rows of `x` along an axis, by index: [batch,outer,dim,slice] × [batch,n] → [batch,outer,n,slice]. */
function gatherV2({ inputs, attrs, backend }: KernelCall) {
  const { x, indices } = inputs;
  if (!isNumeric(x.dtype) || indices.dtype !== "int32") return undefined;
  const axis = util.parseAxisParam(attrs.axis, x.shape)[0];
  const index = Int32Array.from(dataOf(backend, indices));
  const dim = x.shape[axis];
  const outside = index.find((i) => i < 0 || i >= dim);
  util.assert(outside === undefined, () => `GatherV2: the index value ${outside} is not in [0, ${dim - 1}]`);
  const info = backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, attrs.batchDims ?? 0);
  const out = arrayFor(backend, x.dtype, sizeOf(info.outputShape));
  const values = x.dtype === "float32" ? float32Of(backend, x) : dataOf(backend, x);
  const n = index.length / info.batchSize;
  const { outerSize, dimSize, sliceSize } = info;
  for (let part = 0; part < info.batchSize * outerSize && out.length > 0; part++) {
    const batch = Math.floor(part / outerSize);
    gatherRows(
      values.subarray(part * dimSize * sliceSize, (part + 1) * dimSize * sliceSize),
      index.subarray(batch * n, (batch + 1) * n),
      out.subarray(part * n * sliceSize, (part + 1) * n * sliceSize),
      { rows: dimSize, columns: sliceSize },
    );
  }
  return backend.makeTensorInfo(info.outputShape, x.dtype, out);
}

function gatherRows(x: NumericArray, index: Int32Array, out: NumericArray, size: { rows: number; columns: number }) {
  const { columns } = size;
  if (columns >= 4 && x instanceof Float32Array && out instanceof Float32Array && kernels().layer === "native") {
    kernels().gatherRows(x, index, out, size);
    return;
  }
  for (let i = 0, target = 0; i < index.length; i++) {
    const start = index[i] * columns;
    for (let c = 0; c < columns; c++) out[target++] = x[start + c];
  }
}

/** Sum of the rows of `x` [n,...] by segment id [n]; ids outside 0 .. numSegments-1 are ignored. The gradient of a gather. */
function unsortedSegmentSum({ inputs, attrs, backend }: KernelCall) {
  const { x, segmentIds } = inputs;
  const segments: number = attrs.numSegments;
  if (x.dtype !== "float32" || segmentIds.dtype !== "int32" || segmentIds.shape.length !== 1 || segments === 0) {
    return undefined;
  }
  const rows: number = x.shape[0];
  const rest: number[] = x.shape.slice(1);
  if (segmentIds.shape[0] !== rows) return undefined;
  const ids = Int32Array.from(dataOf(backend, segmentIds), (id) => (id < segments ? id : -1));
  const columns = sizeOf(rest);
  const out = backend.allocate(segments * columns);
  if (rows === 0) out.fill(0);
  else if (out.length > 0) kernels().segmentSum(float32Of(backend, x), ids, out, { rows, columns, segments });
  return backend.makeTensorInfo([segments, ...rest], "float32", out);
}

export const gatherKernels: FastKernels = { GatherV2: gatherV2, UnsortedSegmentSum: unsortedSegmentSum };
