import { checkIndices } from "../check-arguments.js";
import { addRowTimesMatrix } from "./add-product.js";
import { count, flag, index, type OperationTable, reads, updates } from "./operation.js";
import { operandOf, type PrecisionOption, precisionOf, precisionSize } from "./precision.js";

/** What {@link PatchHeadsOperations.patchHeads} reads. */
export interface PatchHeadsInputs {
  /** [lines, width, inChannels] */
  readonly cells: Float32Array;
  /** [inChannels, side·side·channels]: the patch of a cell, line after line of pixels */
  readonly neck: Float32Array;
  /** [side·side·channels] */
  readonly neckBias: Float32Array;
  /** [channels, outputs] of all heads, side by side */
  readonly head: Float32Array;
  /** [outputs]; without effect on a result that is added to */
  readonly headBias: Float32Array;
  /** [heads] how many of the outputs are each head's */
  readonly widths: Int32Array;
}

/** Sizes of a level of a detector's neck and heads. */
export interface PatchHeadsOptions extends PrecisionOption {
  /** of cells, those of all images one below the other */
  readonly lines: number;
  /** cells of a line */
  readonly width: number;
  readonly inChannels: number;
  /** pixels along each edge of the patch that a cell becomes */
  readonly side: number;
  /** of a pixel */
  readonly channels: number;
  /** numbers that the heads say of a pixel */
  readonly outputs: number;
  /** add to `out`; it begins with `headBias` otherwise */
  readonly accumulate?: boolean;
}

export interface PatchHeadsOperations {
  /**
   * A transposed convolution of kernel = stride with bias and ReLU, and 1×1 convolutions of what it makes: each cell becomes a patch
   * of pixels, relu(cell · neck + neckBias), and pixel · head joins `out`: the maps [lines·side, width·side, widths[i]] of the heads,
   * one behind the other. The pixels themselves, most of the memory that such layers take, are never written down.
   */
  patchHeads(inputs: PatchHeadsInputs, out: Float32Array, options: PatchHeadsOptions): void;
}

export const patchHeadsOperations: OperationTable<PatchHeadsOperations> = {
  patchHeads: {
    arrays: {
      ...{ cells: reads("float32"), neck: reads("float32"), neckBias: reads("float32") },
      ...{ head: reads("float32"), headBias: reads("float32"), widths: reads("int32") },
      out: updates("float32", "accumulate"),
    },
    sizes: {
      ...{ lines: index(), width: index(), inChannels: index(), side: index(1), channels: index(), outputs: index() },
      ...{ heads: count, accumulate: flag, precision: precisionSize },
    },
    arraysOf: ({ cells, neck, neckBias, head, headBias, widths }, out) => [
      ...[cells, neck, neckBias, head, headBias],
      widths,
      out,
    ],
    sizesOf: ({ widths }, _out, options) => [
      options.lines,
      options.width,
      options.inChannels,
      options.side,
      options.channels,
      options.outputs,
      widths.length,
      options.accumulate,
      precisionOf(options),
    ],
    shapesOf: (_inputs, _out, { lines, width, inChannels, side, channels, outputs }) => [
      [lines, width, inChannels],
      [inChannels, side, side, channels],
      [side, side, channels],
      [channels, outputs],
      [outputs],
      null,
      [lines, side, width, side, outputs],
    ],
    checkContents({ where, find }, { widths }, _out, { outputs }) {
      checkIndices(where, "widths", widths, [0, outputs + 1], find);
      const sum = widths.reduce((total, each) => total + each, 0);
      if (sum !== outputs) throw new RangeError(`${where}: expected ${outputs} for the sum of widths, got ${sum}`);
    },
    plain({ cells, neck, neckBias, head, headBias, widths }, out, options) {
      const { lines, width, inChannels, side, channels, outputs, accumulate } = options;
      const said = new Float32Array(outputs);
      const pixelCount = out.length / outputs;
      const [rows, matrix, filters] = [cells, neck, head].map((operand) => operandOf(operand, options));
      const patch = new Float32Array(neckBias.length);
      for (let cell = 0; cell < lines * width; cell++) {
        patch.fill(0);
        const product = { row: rows, rowAt: cell * inChannels, matrix, matrixAt: 0, out: patch, outAt: 0 };
        addRowTimesMatrix({ ...product, k: inChannels, n: patch.length });
        for (let i = 0; i < patch.length; i++) patch[i] = Math.max(patch[i] + neckBias[i], 0);
        const pixels = operandOf(patch, options);
        const [line, x] = [Math.floor(cell / width), cell % width];
        for (let pixel = 0; pixel < side * side; pixel++) {
          const place = ((line * side + Math.floor(pixel / side)) * width + x) * side + (pixel % side);
          said.fill(0);
          const heads = { row: pixels, rowAt: pixel * channels, matrix: filters, matrixAt: 0 };
          addRowTimesMatrix({ ...heads, out: said, outAt: 0, k: channels, n: outputs });
          for (let head = 0, first = 0; head < widths.length; first += widths[head++]) {
            const to = pixelCount * first + place * widths[head];
            for (let j = 0; j < widths[head]; j++) {
              out[to + j] = (accumulate ? out[to + j] : headBias[first + j]) + said[first + j];
            }
          }
        }
      }
    },
  },
};
