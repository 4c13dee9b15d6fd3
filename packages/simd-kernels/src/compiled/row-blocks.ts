import { plainView } from "../check-arguments.js";
import type { Conv2dOptions } from "../operations/conv2d.js";
import type { Operations } from "../operations/index.js";

/** Rows of operands and results that are handed over at a time: both stay in a processor's second-level cache. */
const BLOCK_BYTES = 2 ** 19;

/**
 * Products for a layer that copies its arrays: they run block by block of rows, so that a kernel finds what was just copied,
 * and its results are fetched, in the cache. Rows are independent, so the bits are those of one call. What is not a
 * product of rows runs in one call.
 */
export function rowBlocks({
  gemm,
  conv2d,
  conv2dBiasRelu,
  conv2dInputGradient,
}: Operations): Pick<Operations, "gemm" | "conv2d" | "conv2dBiasRelu" | "conv2dInputGradient"> {
  return {
    gemm(a, b, out, options) {
      const { m, n, k, transposeA } = options;
      if (transposeA) return gemm(a, b, out, options);
      forBlocks(m, n + k, (from, to) => {
        gemm(plainView(a, from * k, to * k), b, plainView(out, from * n, to * n), { ...options, m: to - from });
      });
    },
    conv2d: (x, filter, out, shape) =>
      forMapBlocks([x, out], shape, ([x, out], shape) => conv2d(x, filter, out, shape)),
    conv2dBiasRelu: ({ input, ...rest }, out, shape) =>
      forMapBlocks([input, out], shape, ([input, out], shape) => conv2dBiasRelu({ input, ...rest }, out, shape)),
    conv2dInputGradient: (outGradient, filter, inputGradient, shape) =>
      forMapBlocks([inputGradient, outGradient], shape, ([inputGradient, outGradient], shape) =>
        conv2dInputGradient(outGradient, filter, inputGradient, shape),
      ),
  };
}

type Maps = readonly [input: Float32Array, output: Float32Array];

/** Calls `block` for blocks of rows of pixels of a convolution's maps, each as a convolution of its own, or for all at once. */
function forMapBlocks(maps: Maps, shape: Conv2dOptions, block: (maps: Maps, shape: Conv2dOptions) => void): void {
  if (!hasSeparateRows(shape)) {
    block(maps, shape);
    return;
  }
  const [input, output] = maps;
  const { inRow, outRow, rows } = rowLengths(shape);
  forBlocks(rows, inRow + outRow, (from, to) => {
    const rowsOfBoth = [
      plainView(input, from * inRow, to * inRow),
      plainView(output, from * outRow, to * outRow),
    ] as const;
    block(rowsOfBoth, rowsOf(shape, to - from));
  });
}

/** Calls `block(from, to)` for the blocks of 0..rows; once also where there are no rows. */
function forBlocks(rows: number, rowLength: number, block: (from: number, to: number) => void): void {
  const step = Math.max(1, Math.floor(BLOCK_BYTES / (4 * Math.max(1, rowLength))));
  for (let from = 0; from === 0 || from < rows; from += step) block(from, Math.min(rows, from + step));
}

/** Whether every row of pixels of the result comes from rows of the operand that no other needs: 1×1, and stride = filter. */
function hasSeparateRows(s: Conv2dOptions): boolean {
  const fits = s.inHeight === s.outHeight * s.strideHeight && s.filterHeight === s.strideHeight;
  return fits && s.padTop === 0 && s.dilationHeight === 1;
}

/** Rows of pixels of all images, one below the other, and how many numbers belong to one row of the small map. */
function rowLengths(s: Conv2dOptions): { rows: number; inRow: number; outRow: number } {
  return {
    rows: s.batch * s.outHeight,
    inRow: s.strideHeight * s.inWidth * s.inChannels,
    outRow: s.outWidth * s.outChannels,
  };
}

function rowsOf(shape: Conv2dOptions, rows: number): Conv2dOptions {
  return { ...shape, batch: 1, inHeight: rows * shape.strideHeight, outHeight: rows };
}
