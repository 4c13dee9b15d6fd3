import { checkTriple, sortSites } from "./check-sites.js";
import { coordsOfKeys, type GridExtent, type Triple } from "./grid-extent.js";
import { reachBySorting } from "./reach-by-sorting.js";
import { reachByWindow, windowSuits } from "./reach-by-window.js";
import type { Rulebook } from "./rulebook.js";

/** Window of a convolution or pooling: kernel, stride, padding, dilation along z, y, x. */
export interface WindowOptions {
  readonly kernel: Triple;
  /** default 1, 1, 1 */
  readonly stride?: Triple;
  /** zeros on both sides; default 0, 0, 0 */
  readonly padding?: Triple;
  /** default 1, 1, 1 */
  readonly dilation?: Triple;
}

/** Options of {@link buildStridedRulebook}. */
export interface StridedOptions extends GridExtent, WindowOptions {}

/**
 * Rulebook of a sparse convolution (spconv's `SparseConv3d`): output site o meets input site
 * o·stride − padding + k·dilation under tap k, and every site that some input site reaches comes out, sorted by batch,
 * z, y, x. Equal to the dense convolution, which is zero (without bias) at all other sites.
 *
 * @param coords [rows, 4] batch, z, y, x, every site once
 * @throws TypeError, RangeError as said for the sites and the window; RangeError if an output axis has no cell
 */
export function buildStridedRulebook(
  coords: Int32Array,
  { shape, batchSize, kernel, stride = [1, 1, 1], padding = [0, 0, 0], dilation = [1, 1, 1] }: StridedOptions,
): Rulebook {
  const caller = "buildStridedRulebook";
  checkTriple(caller, "kernel", kernel, 1);
  checkTriple(caller, "stride", stride, 1);
  checkTriple(caller, "padding", padding, 0);
  checkTriple(caller, "dilation", dilation, 1);
  const { order } = sortSites(caller, coords, { shape, batchSize });
  const window = { kernel, stride, padding, dilation };
  const outputShape = convolvedShape(caller, shape, window);
  if (batchSize * outputShape[0] * outputShape[1] * outputShape[2] > Number.MAX_SAFE_INTEGER) {
    throw new RangeError(
      `${caller}: expected at most 2^53 output cells, got ${batchSize} grids of [${outputShape.join(", ")}]`,
    );
  }
  const whole = { ...window, shape, outputShape, batchSize };
  const { keys, map } = windowSuits(order.length, whole)
    ? reachByWindow(coords, order, whole)
    : reachBySorting(coords, { shape: outputShape, batchSize }, window);
  return {
    kernel,
    inRows: coords.length / 4,
    outRows: keys.length,
    outputCoords: coordsOfKeys(keys, outputShape),
    outputShape,
    batchSize,
    map,
  };
}

/** ⌊(n + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1 cells along every axis. */
function convolvedShape(caller: string, shape: Triple, window: Required<WindowOptions>): Triple {
  const { kernel, stride, padding, dilation } = window;
  const cells = shape.map((n, axis) => {
    const span = dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.floor((n + 2 * padding[axis] - span) / stride[axis]) + 1;
  }) as unknown as Triple;
  if (Math.min(...cells) < 1) {
    throw new RangeError(
      `${caller}: expected a window that fits into the padded grid, got kernel [${kernel.join(", ")}], dilation ` +
        `[${dilation.join(", ")}], padding [${padding.join(", ")}] on shape [${shape.join(", ")}]`,
    );
  }
  return cells;
}
