import { checkAtMost, checkIndices, checkNoneTwice, checkSize } from "../check-arguments.js";
import { followWindow } from "./follow-window.js";
import { count, index, type OperationTable, reads, triple, writes } from "./operation.js";
import type { GridTriple } from "./sort-sites.js";

/**
 * A window that moves over a batch of grids: under tap k (per axis) it leads from coordinate i to cell
 * `(i + padding − k·dilation) / stride` of the output grid, if that is whole and inside of it.
 */
export interface WindowShape {
  readonly batchSize: number;
  /** cells of the input grid */
  readonly shape: GridTriple;
  /** cells of the output grid; with the batch at most 2^30 */
  readonly outputShape: GridTriple;
  /** taps along each axis, all three together at most 31 */
  readonly kernel: GridTriple;
  readonly stride: GridTriple;
  readonly padding: GridTriple;
  readonly dilation: GridTriple;
}

/** Sites, and the order in which their pairs come. */
export interface OrderedSites {
  /** [rows, 4] batch, z, y, x, each within the grid */
  readonly coords: Int32Array;
  /** [rows] each row once */
  readonly order: Int32Array;
}

/** Where `windowPairs` writes; `most` is rows · {@link mostTapsPerSite}. */
export interface WindowPairs {
  /** [most] row of each pair's site; what lies behind the last pair has no meaning */
  readonly inputs: Int32Array;
  /** [most] place of the reached cell in `cells` */
  readonly outputs: Int32Array;
  /** [most] numbers of the reached cells, row-major over batch, z, y, x: ascending, each once */
  readonly cells: Int32Array;
  /** [1] how many cells there are */
  readonly cellCount: Int32Array;
  /** [taps + 1] pairs `starts[t] .. starts[t+1]` belong to tap t = (kz·Ky + ky)·Kx + kx */
  readonly starts: Int32Array;
}

export interface WindowPairsOperations {
  /**
   * Which cells a window reaches from which sites: the pairs of a strided sparse convolution. The pairs of a tap come in the
   * order of `order`; where that sorts the sites by batch, z, y, x, their outputs ascend. No site comes twice.
   */
  windowPairs(sites: OrderedSites, pairs: WindowPairs, window: WindowShape): void;
}

/** Most cells of an output grid: a cell's number, and one a little outside of the grid, fit an int32. */
const MOST_CELLS = 2 ** 30;
/** Most cells along an axis of the input grid: each has an entry in a table. */
const MOST_ALONG_AXIS = 2 ** 20;
/** Taps of all three axes together: a bit each in one int32. */
const MOST_AXIS_TAPS = 31;

export const windowPairsOperations: OperationTable<WindowPairsOperations> = {
  windowPairs: {
    arrays: {
      ...{ coords: reads("int32"), order: reads("int32"), inputs: writes("int32"), outputs: writes("int32") },
      ...{ cells: writes("int32"), cellCount: writes("int32"), starts: writes("int32") },
    },
    sizes: {
      ...{ rows: count, batchSize: index(), shape: triple(1), outputShape: triple(1), kernel: triple(1) },
      ...{ stride: triple(1), padding: triple(), dilation: triple(1) },
    },
    arraysOf: ({ coords, order }, { inputs, outputs, cells, cellCount, starts }) => [
      coords,
      order,
      inputs,
      outputs,
      cells,
      cellCount,
      starts,
    ],
    sizesOf: ({ order }, _pairs, { batchSize, shape, outputShape, kernel, stride, padding, dilation }) => [
      order.length,
      batchSize,
      shape,
      outputShape,
      kernel,
      stride,
      padding,
      dilation,
    ],
    checkSizes(where, { order }, _pairs, window) {
      const { batchSize, shape, outputShape, kernel } = window;
      checkAtMost(where, { "cells of shape along an axis": Math.max(...shape) }, MOST_ALONG_AXIS);
      const cells = batchSize * outputShape[0] * outputShape[1] * outputShape[2];
      if (cells > MOST_CELLS) throw new RangeError(`${where}: expected at most 2^30 output cells, got ${cells}`);
      const taps = kernel[0] + kernel[1] + kernel[2];
      if (taps > MOST_AXIS_TAPS) {
        throw new RangeError(
          `${where}: expected at most ${MOST_AXIS_TAPS} taps along all axes for kernel, got ${taps}`,
        );
      }
      checkSize(where, "the most pairs", order.length * mostTapsPerSite(window), 0);
    },
    shapesOf({ order }, _pairs, window) {
      const [z, y, x] = window.kernel;
      const most = [order.length * mostTapsPerSite(window)];
      return [[order.length, 4], null, most, most, most, [1], [z * y * x + 1]];
    },
    checkContents({ where, find }, { coords, order }, _pairs, window) {
      checkIndices(where, "order", order, [0, order.length], find);
      checkNoneTwice(where, "order", order, order.length);
      checkSites(where, coords, window);
    },
    plain: followWindow,
  },
};

/**
 * The most taps under which a window leads from one site to a cell. Along an axis k·dilation must have one remainder modulo
 * the stride, which every (stride / gcd(stride, dilation))-th tap has.
 * @throws RangeError for what are not three integers of at least 1 each
 */
export function mostTapsPerSite({
  kernel,
  stride,
  dilation,
}: Pick<WindowShape, "kernel" | "stride" | "dilation">): number {
  for (const [name, axes] of Object.entries({ kernel, stride, dilation })) {
    if (axes?.length === 3 && axes.every((value) => Number.isSafeInteger(value) && value >= 1)) continue;
    throw new RangeError(
      `mostTapsPerSite: expected three integers of at least 1, for z, y and x, for ${name}, got ${String(axes)}`,
    );
  }
  return kernel.reduce((most, cells, axis) => {
    const period = stride[axis] / greatestDivisor(stride[axis], dilation[axis]);
    return most * Math.ceil(cells / period);
  }, 1);
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function checkSites(
  where: string,
  coords: Int32Array,
  { batchSize, shape: [depth, height, width] }: WindowShape,
): void {
  // The sign of what is below 0 or above its limit, of all sites together; which one it was is asked only when there is one.
  let signs = 0;
  for (let at = 0; at < coords.length; at += 4) {
    const batch = coords[at];
    const z = coords[at + 1];
    const y = coords[at + 2];
    const x = coords[at + 3];
    signs |= batch | z | y | x | (batchSize - 1 - batch) | (depth - 1 - z) | (height - 1 - y) | (width - 1 - x);
  }
  if (signs >= 0) return;
  const limits = [batchSize, depth, height, width];
  const at = coords.findIndex((value, i) => value < 0 || value >= limits[i % 4]);
  const row = Math.floor(at / 4);
  throw new RangeError(
    `${where}: expected batch < ${batchSize} and cells within [${depth}, ${height}, ${width}] for coords, ` +
      `got [${coords.subarray(4 * row, 4 * row + 4).join(", ")}] in row ${row}`,
  );
}
