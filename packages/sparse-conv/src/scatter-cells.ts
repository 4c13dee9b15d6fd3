import * as tf from "@tensorflow/tfjs-core";
import { fusedAvailable, simdKernel } from "./simd-kernel.js";

/**
 * Where the rows of a matrix go in a grid of `count` cells. `layers` consecutive cells share one row of the result, and
 * their entries of one channel lie together: row r, channel c goes to [⌊cell/layers⌋, c·layers + cell mod layers].
 */
export interface CellPlan {
  /** [rows] cell of each row, every cell at most once */
  readonly cells: Int32Array;
  readonly layers: number;
  readonly count: number;
}

/**
 * Puts rows into a zero grid: [rows, channels] → [count/layers, channels·layers]. The gradient reads them back. One pass
 * over the rows on `simd`; scatterND, transpose and gather elsewhere.
 */
export function scatterCells(x: tf.Tensor2D, plan: CellPlan): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [rows] = args as unknown as [tf.Tensor2D];
    return {
      value: fusedAvailable() ? scatter({ rows }, plan) : stockScatter(rows, plan),
      gradFunc: (dy: tf.Tensor) => [
        fusedAvailable() ? gather({ grid: dy }, plan) : stockGather(dy as tf.Tensor2D, plan),
      ],
    };
  });
  return op(x) as tf.Tensor2D;
}

const scatter = simdKernel<CellPlan, tf.TensorInfo>("ScatterCells", ({ rows }, { cells, layers, count }, arrays) => {
  const channels = rows.shape[1];
  const values = arrays.readFloats(rows);
  const grid = new Float32Array(count * channels);
  for (let row = 0; row < cells.length; row += 1) {
    const first = firstEntry(cells[row], layers, channels);
    for (let c = 0; c < channels; c += 1) grid[first + c * layers] = values[row * channels + c];
  }
  return arrays.make([count / layers, channels * layers], grid);
});

const gather = simdKernel<CellPlan, tf.TensorInfo>("GatherCells", ({ grid }, { cells, layers }, arrays) => {
  const channels = grid.shape[1] / layers;
  const values = arrays.readFloats(grid);
  const rows = new Float32Array(cells.length * channels);
  for (let row = 0; row < cells.length; row += 1) {
    const first = firstEntry(cells[row], layers, channels);
    for (let c = 0; c < channels; c += 1) rows[row * channels + c] = values[first + c * layers];
  }
  return arrays.make([cells.length, channels], rows);
});

function firstEntry(cell: number, layers: number, channels: number): number {
  const layer = cell % layers;
  return (cell - layer) * channels + layer;
}

function stockScatter(rows: tf.Tensor2D, { cells, layers, count }: CellPlan): tf.Tensor2D {
  const channels = rows.shape[1];
  return tf.tidy(() => {
    if (cells.length === 0) return tf.zeros([count / layers, channels * layers]);
    const indices = tf.tensor2d(cells, [cells.length, 1], "int32");
    const byCell = tf.scatterND(indices, rows, [count, channels]) as tf.Tensor2D;
    if (layers === 1) return byCell;
    const channelsFirst = tf.transpose(tf.reshape(byCell, [count / layers, layers, channels]), [0, 2, 1]);
    return tf.reshape(channelsFirst, [count / layers, channels * layers]);
  });
}

function stockGather(grid: tf.Tensor2D, { cells, layers, count }: CellPlan): tf.Tensor2D {
  const channels = grid.shape[1] / layers;
  return tf.tidy(() => {
    const cellsFirst = tf.transpose(tf.reshape(grid, [count / layers, channels, layers]), [0, 2, 1]);
    return tf.gather(tf.reshape(cellsFirst, [count, channels]), tf.tensor1d(cells, "int32")) as tf.Tensor2D;
  });
}
