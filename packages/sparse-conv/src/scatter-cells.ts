import * as tf from "@tensorflow/tfjs-core";
import { backendKernel } from "./backend-kernel.js";

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
 * Puts rows [rows, channels] into a zero grid. The gradient reads them back. One pass over the rows where the
 * backend has the kernels `ScatterCells` and `GatherCells`; scatterND, transpose and gather elsewhere. The reshaping is part of the operation, so that its gradient needs none of
 * those that tfjs registers for its own operations.
 */
export function scatterCells(x: tf.Tensor2D, plan: CellPlan): tf.Tensor {
  const op = tf.customGrad((...args) => {
    const [rows] = args as unknown as [tf.Tensor2D];
    return { value: scatter(rows, plan), gradFunc: (grid: tf.Tensor) => gather(grid, plan) };
  });
  return op(x);
}

function scatter(rows: tf.Tensor2D, plan: CellPlan): tf.Tensor {
  const fused = backendKernel("ScatterCells");
  return fused ? fused({ rows }, plan)[0] : stockScatter(rows, plan);
}

function gather(grid: tf.Tensor, plan: CellPlan): tf.Tensor {
  const fused = backendKernel("GatherCells");
  return fused ? fused({ grid }, plan)[0] : stockGather(grid, plan);
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
