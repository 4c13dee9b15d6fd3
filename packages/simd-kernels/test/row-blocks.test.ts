import { randomFloats, seededRandom } from "test-support";
import { expect, it, vi } from "vitest";
import { rowBlocks } from "../src/compiled/row-blocks.js";
import type { Conv2dShape } from "../src/index.js";
import { forOperations } from "../src/operations/index.js";

const sameBits = (a: Float32Array, b: Float32Array) =>
  expect(Buffer.compare(Buffer.from(a.buffer), Buffer.from(b.buffer))).toBe(0);
const random = (length: number) => randomFloats(seededRandom(length), length);
const typescriptLayer = forOperations((_, { plain }) => plain);
const { gemm, conv2d, conv2dInputGradient } = typescriptLayer;

it.each([
  [0, 4, 3],
  [7, 5, 6],
  [4097, 16, 16], // 4096 rows fill a block
  [5000, 20, 33],
])("gives a product of %i rows the bits of one call, in every form", (m, n, k) => {
  const [a, b] = [random(m * k), random(k * n)];
  for (const transposeA of [false, true])
    for (const transposeB of [false, true])
      for (const accumulate of [false, true]) {
        const options = { m, n, k, transposeA, transposeB, accumulate };
        const [whole, blocks] = [random(m * n), random(m * n)];
        gemm(a, b, whole, options);
        const calls = vi.fn(gemm);
        rowBlocks({ ...typescriptLayer, gemm: calls }).gemm(a, b, blocks, options);
        sameBits(blocks, whole);
        expect(calls).toHaveBeenCalledTimes(transposeA ? 1 : Math.max(1, Math.ceil(m / Math.floor(2 ** 17 / (n + k)))));
      }
});

/** A convolution whose windows tile the image, unless the changes say otherwise. */
function tiling(stride: number, changes: Partial<Conv2dShape> = {}): Conv2dShape {
  const [outHeight, outWidth] = [30, 40];
  const [inHeight, inWidth] = [outHeight * stride, outWidth * stride];
  return {
    ...{ batch: 3, inHeight, inWidth, inChannels: 20, outHeight, outWidth, outChannels: 24 },
    ...{ filterHeight: stride, filterWidth: stride, strideHeight: stride, strideWidth: stride },
    ...{ padTop: 0, padLeft: 0, dilationHeight: 1, dilationWidth: 1 },
    ...changes,
  };
}

it.each([
  ["1×1", tiling(1), true],
  ["2×2 with stride 2", tiling(2), true],
  ["columns that overlap", tiling(2, { filterWidth: 5, padLeft: 2 }), true],
  ["3×3, whose rows overlap", tiling(1, { filterHeight: 3, padTop: 1 }), false],
  ["an image with a row that no window sees", tiling(2, { inHeight: 61 }), false],
  ["1×1 with stride 2", tiling(2, { filterHeight: 1 }), false],
])("gives the convolution of %s the bits of one call, both ways", (_, shape, inBlocks) => {
  const x = random(shape.batch * shape.inHeight * shape.inWidth * shape.inChannels);
  const y = random(shape.batch * shape.outHeight * shape.outWidth * shape.outChannels);
  const filter = random(shape.filterHeight * shape.filterWidth * shape.inChannels * shape.outChannels);
  const calls = { forward: vi.fn(conv2d), backward: vi.fn(conv2dInputGradient) };
  const layer = rowBlocks({ ...typescriptLayer, conv2d: calls.forward, conv2dInputGradient: calls.backward });

  const [out, expectedOut] = [random(y.length), random(y.length)];
  conv2d(x, filter, expectedOut, shape);
  layer.conv2d(x, filter, out, shape);
  sameBits(out, expectedOut);

  const [gradient, expectedGradient] = [random(x.length), random(x.length)];
  conv2dInputGradient(y, filter, expectedGradient, shape);
  layer.conv2dInputGradient(y, filter, gradient, shape);
  sameBits(gradient, expectedGradient);

  for (const call of [calls.forward, calls.backward]) {
    if (inBlocks) expect(call.mock.calls.length).toBeGreaterThan(1);
    else expect(call).toHaveBeenCalledTimes(1);
  }
});
