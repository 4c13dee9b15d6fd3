import * as tf from "@tensorflow/tfjs-core";
import { fusedAvailable, simdKernel } from "./simd-kernel.js";

/**
 * Where the rows of a matrix go in a grid of `count` cells. `layers` consecutive cells share one line of the result, and
 * their entries of one channel lie together: channel c of a cell is entry c·layers + cell mod layers of line
 * ⌊cell/layers⌋.
 */
export interface CellPlan {
  /** [rows] cell of each row, every cell at most once */
  readonly cells: Int32Array;
  readonly layers: number;
  readonly count: number;
  /** shape of the result; all but the last axis make up the count/layers lines, the last one is channels·layers */
  readonly shape: readonly number[];
}

/**
 * Puts rows [rows, channels] into a zero grid. The gradient reads them back. One pass over the rows on `simd`;
 * scatterND, transpose and gather elsewhere. The reshaping is part of the operation, so that its gradient needs none of
 * those that tfjs registers for its own operations.
 */
export function scatterCells(x: tf.Tensor2D, plan: CellPlan): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [rows] = args as unknown as [tf.Tensor2D];
    return {
      value: fusedAvailable() ? scatter({ rows }, plan) : stockScatter(rows, plan),
      gradFunc: (grid: tf.Tensor) => [fusedAvailable() ? gather({ grid }, plan) : stockGather(grid, plan)],
    };
  });
  return op(x);
}

const scatter = simdKernel<CellPlan, tf.TensorInfo>(
  "ScatterCells",
  ({ rows }, { cells, layers, count, shape }, arrays) => {
    const channels = rows.shape[1];
    const values = arrays.readFloats(rows);
    const grid = arrays.allocate(count * channels).fill(0);
    for (let row = 0; row < cells.length; row += 1) {
      const first = firstEntry(cells[row], layers, channels);
      for (let c = 0; c < channels; c += 1) grid[first + c * layers] = values[row * channels + c];
    }
    return arrays.make(shape, grid);
  },
);

const gather = simdKernel<CellPlan, tf.TensorInfo>("GatherCells", ({ grid }, { cells, layers, shape }, arrays) => {
  const channels = shape[shape.length - 1] / layers;
  const values = arrays.readFloats(grid);
  const rows = arrays.allocate(cells.length * channels);
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

function stockScatter(rows: tf.Tensor2D, { cells, layers, count, shape }: CellPlan): tf.Tensor {
  const channels = rows.shape[1];
  return tf.tidy(() => {
    if (cells.length === 0) return tf.zeros([...shape]);
    const indices = tf.tensor2d(cells, [cells.length, 1], "int32");
    const byCell = tf.reshape(tf.scatterND(indices, rows, [count, channels]), [count / layers, layers, channels]);
    return tf.reshape(layers === 1 ? byCell : tf.transpose(byCell, [0, 2, 1]), [...shape]);
  });
}

function stockGather(grid: tf.Tensor, { cells, layers, count, shape }: CellPlan): tf.Tensor {
  const channels = shape[shape.length - 1] / layers;
  return tf.tidy(() => {
    const byLine = tf.reshape(grid, [count / layers, channels, layers]);
    const byCell = tf.reshape(layers === 1 ? byLine : tf.transpose(byLine, [0, 2, 1]), [count, channels]);
    return tf.gather(byCell, tf.tensor1d(cells, "int32"));
  });
}
