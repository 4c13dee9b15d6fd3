import { broadcast_util } from "@tensorflow/tfjs-core";
import { kernels, type Precision } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { float32Of, sizeOf, stridesOf } from "../tensor-data.js";

/**
 * Product values and result shape of float32 `a` [...batch,m,k] and `b` [...batch,k,n] (each perhaps stored transposed);
 * the batch axes broadcast against each other.
 */
export function multiplyMatrices({ inputs, attrs, backend }: KernelCall, precision: Precision = "float32") {
  const { a, b } = inputs;
  if (a.dtype !== "float32" || b.dtype !== "float32") return undefined;
  if (a.shape.length < 2 || b.shape.length < 2) return undefined; // the stock kernel has the message
  const { transposeA, transposeB } = attrs;
  const [m, k] = lastTwo(a.shape, transposeA);
  const [inner, n] = lastTwo(b.shape, transposeB);
  if (inner !== k) return undefined; // so here
  const batchShapeA: number[] = a.shape.slice(0, -2);
  const batchShapeB: number[] = b.shape.slice(0, -2);
  const batchShape = broadcast_util.assertAndGetBroadcastShape(batchShapeA, batchShapeB);
  const batch = sizeOf(batchShape);
  const out = backend.allocate(batch * m * n);
  const shape = [...batchShape, m, n];
  if (out.length === 0 || k === 0) return { out: out.fill(0), shape };

  const left = float32Of(backend, a);
  const right = float32Of(backend, b);
  if (sizeOf(batchShapeB) === 1 && !transposeA) {
    // One right-hand matrix for all: the batch is just more rows.
    kernels().gemm(left, right, out, { m: batch * m, n, k, transposeB, precision });
    return { out, shape };
  }
  const indexA = batchIndices(batchShapeA, batchShape);
  const indexB = batchIndices(batchShapeB, batchShape);
  for (let i = 0; i < batch; i++) {
    const leftPart = left.subarray(indexA[i] * m * k, (indexA[i] + 1) * m * k);
    const rightPart = right.subarray(indexB[i] * k * n, (indexB[i] + 1) * k * n);
    const outPart = out.subarray(i * m * n, (i + 1) * m * n);
    kernels().gemm(leftPart, rightPart, outPart, { m, n, k, transposeA, transposeB, precision });
  }
  return { out, shape };
}

function lastTwo(shape: number[], transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

/** For each matrix of the broadcast batch, the index of the operand's matrix. */
function batchIndices(own: readonly number[], broadcast: readonly number[]): Int32Array {
  const padded = [...new Array<number>(broadcast.length - own.length).fill(1), ...own];
  const ownStrides = stridesOf(padded);
  const strides = stridesOf(broadcast);
  return Int32Array.from({ length: sizeOf(broadcast) }, (_, i) => {
    let index = 0;
    for (let axis = 0; axis < broadcast.length; axis++) {
      if (padded[axis] > 1) index += (Math.floor(i / strides[axis]) % broadcast[axis]) * ownStrides[axis];
    }
    return index;
  });
}

function batchMatMul(call: KernelCall) {
  const result = multiplyMatrices(call);
  return result && call.backend.makeTensorInfo(result.shape, "float32", result.out);
}

export const matMulKernels: FastKernels = { BatchMatMul: batchMatMul };
