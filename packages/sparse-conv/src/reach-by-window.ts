import { kernels, mostTapsPerSite, type WindowShape } from "simd-kernels";
import type { ReachedCells } from "./reach-by-sorting.js";
import { copyOf, scratchArrays } from "./scratch-arrays.js";

/** Grid cells per pair up to which a bitmap is used, so that its memory grows with the sites and not with the grid. */
const CELLS_PER_PAIR = 512;
/** What the kernel takes: cells of a batch of output grids, cells along an axis of the input grid, and taps of all three axes together. */
const MOST_CELLS = 2 ** 30;
const MOST_ALONG_AXIS = 2 ** 20;
const MOST_AXIS_TAPS = 31;

/** Whether {@link reachByWindow} takes such a problem. */
export function windowSuits(rows: number, window: WindowShape): boolean {
  const { batchSize, shape, outputShape, kernel } = window;
  const cells = batchSize * outputShape[0] * outputShape[1] * outputShape[2];
  const most = Math.min(MOST_CELLS, CELLS_PER_PAIR * rows * mostTapsPerSite(window));
  const along = Math.max(...shape);
  return (
    Math.max(cells, along) <= most && along <= MOST_ALONG_AXIS && kernel[0] + kernel[1] + kernel[2] <= MOST_AXIS_TAPS
  );
}

/**
 * The cells that sites reach, through a bitmap of the output grid.
 * @param coords [rows, 4] batch, z, y, x
 * @param order  [rows] rows by batch, z, y, x
 */
export function reachByWindow(coords: Int32Array, order: Int32Array, window: WindowShape): ReachedCells {
  const taps = window.kernel[0] * window.kernel[1] * window.kernel[2];
  const most = order.length * mostTapsPerSite(window);
  const starts = new Int32Array(taps + 1);
  const [inputs, outputs, cells] = scratchArrays(3, most);
  const cellCount = new Int32Array(1);
  kernels().windowPairs({ coords, order }, { inputs, outputs, cells, cellCount, starts }, window);
  return {
    keys: copyOf(cells, cellCount[0]),
    map: { taps, starts, inputs: copyOf(inputs, starts[taps]), outputs: copyOf(outputs, starts[taps]) },
  };
}
