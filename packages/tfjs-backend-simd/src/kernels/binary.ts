import type { BinaryOperation } from "simd-kernels";
import { operandLength, planBroadcast } from "../broadcast-plan.js";
import { type FastKernel, type FastKernels, kernelsFor } from "../fast-kernel.js";
import { float32Of, sizeOf } from "../tensor-data.js";

/** `a op b` of float32 tensors under any broadcast. */
function binaryKernel(operation: BinaryOperation): FastKernel {
  return ({ inputs, backend }) => {
    const { a, b } = inputs;
    if (a.dtype !== "float32" || b.dtype !== "float32") return undefined;
    const { shape, blocks, rows, columns, aMode, bMode } = planBroadcast(a.shape, b.shape);
    const left = float32Of(backend, a);
    const right = float32Of(backend, b);
    const out = backend.allocate(sizeOf(shape));
    const layer = kernelsFor(rows * columns);
    const options = { operation, rows, columns, aMode, bMode };
    if (blocks.length === 1) {
      layer.binary(left, right, out, options);
    } else {
      const aLength = operandLength(aMode, rows, columns);
      const bLength = operandLength(bMode, rows, columns);
      for (const block of blocks) {
        const aPart = left.subarray(block.a, block.a + aLength);
        const bPart = right.subarray(block.b, block.b + bLength);
        layer.binary(aPart, bPart, out.subarray(block.out, block.out + rows * columns), options);
      }
    }
    return backend.makeTensorInfo(shape, "float32", out);
  };
}

/** Sum of equally shaped float32 tensors, in their order. */
const addN: FastKernel = ({ inputs, backend }) => {
  const [first, second, ...rest] = inputs;
  if (!second || [...inputs].some((tensor) => tensor.dtype !== "float32")) return undefined;
  const columns = sizeOf(first.shape);
  const out = backend.allocate(columns);
  if (columns > 0) {
    const layer = kernelsFor(columns);
    const options = { operation: "add", rows: 1, columns, aMode: "full", bMode: "full" } as const;
    layer.binary(float32Of(backend, first), float32Of(backend, second), out, options);
    for (const tensor of rest) layer.binary(out, float32Of(backend, tensor), out, options);
  }
  return backend.makeTensorInfo(first.shape, "float32", out);
};

export const binaryKernels: FastKernels = {
  Add: binaryKernel("add"),
  Sub: binaryKernel("sub"),
  Multiply: binaryKernel("mul"),
  RealDiv: binaryKernel("div"),
  Maximum: binaryKernel("max"),
  Minimum: binaryKernel("min"),
  SquaredDifference: binaryKernel("squaredDifference"),
  AddN: addN,
};
