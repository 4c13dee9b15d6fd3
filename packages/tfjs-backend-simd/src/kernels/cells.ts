import { kernels } from "simd-kernels";
import type { FastKernels, KernelCall } from "../fast-kernel.js";
import { float32Of } from "../tensor-data.js";

/**
 * Attributes: where the rows of a matrix go in a grid of `count` cells. `layers` consecutive cells share a line of the result, and
 * their entries of one channel lie together: channel c of a cell is entry c·layers + cell mod layers of line ⌊cell/layers⌋.
 */
interface Cells {
  /** [rows] cell of each row, every cell at most once */
  readonly cells: Int32Array;
  readonly layers: number;
  readonly count: number;
  /** of the result, the last axis channels·layers */
  readonly shape: readonly number[];
}

/** Input rows [rows, channels]; output of `shape`, zero where no row goes. */
function scatterCells({ inputs, attrs, backend }: KernelCall) {
  const { rows } = inputs;
  const { cells, layers, count, shape }: Cells = attrs;
  const channels: number = rows.shape[1];
  const values = float32Of(backend, rows);
  if (layers === 1 && channels > 0) {
    // Written once, by all threads: a cell takes its row, or one of zeros.
    const rowOf = new Int32Array(count).fill(-1);
    cells.forEach((cell, row) => {
      rowOf[cell] = row;
    });
    const grid = backend.allocate(count * channels);
    kernels().gatherRows(values, rowOf, grid, { rows: cells.length, columns: channels });
    return backend.makeTensorInfo([...shape], "float32", grid);
  }
  const grid = backend.allocate(count * channels).fill(0);
  for (let row = 0; row < cells.length; row++) {
    const first = firstEntry(cells[row], layers, channels);
    for (let c = 0; c < channels; c++) grid[first + c * layers] = values[row * channels + c];
  }
  return backend.makeTensorInfo([...shape], "float32", grid);
}

/** Input grid of `shape`; output [rows, channels]. */
function gatherCells({ inputs, attrs, backend }: KernelCall) {
  const { cells, layers, shape }: Cells = attrs;
  const channels = shape[shape.length - 1] / layers;
  const values = float32Of(backend, inputs.grid);
  const rows = backend.allocate(cells.length * channels);
  for (let row = 0; row < cells.length; row++) {
    const first = firstEntry(cells[row], layers, channels);
    for (let c = 0; c < channels; c++) rows[row * channels + c] = values[first + c * layers];
  }
  return backend.makeTensorInfo([cells.length, channels], "float32", rows);
}

/** Channel 0 of a cell; the next ones follow at a distance of `layers`. */
function firstEntry(cell: number, layers: number, channels: number): number {
  const layer = cell % layers;
  return (cell - layer) * channels + layer;
}

export const cellKernels: FastKernels = { ScatterCells: scatterCells, GatherCells: gatherCells };
