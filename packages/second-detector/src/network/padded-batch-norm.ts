import * as tf from "@tensorflow/tfjs-core";
import { inferBatchNormRelu } from "./batch-norm-relu.js";
import { normTensors, usesBatchStatistics } from "./run-unit.js";
import type { Unit } from "./unit.js";
import { showStage, type UnitContext } from "./unit-context.js";

/** Rows of a linear layer without bias, some of which are not stored because they are zero. */
export interface PaddedRows {
  /** [rows, c] those that are stored */
  readonly x: tf.Tensor2D;
  /** rows with the zero ones, at least those stored */
  readonly total: number;
}

/**
 * Batch norm, ReLU and hook of a unit, of rows most of which are zero, without making them: a zero row stays what it is in
 * every row.
 *
 *     mean = Σ x / total,   variance = (Σ (x − mean)² + (total − rows) · mean²) / total
 *
 * @returns points [rows, c] the stored rows; empty [c] what every zero row becomes
 */
export function normalisePadded(
  context: UnitContext,
  unit: Unit,
  { x, total }: PaddedRows,
): { readonly points: tf.Tensor2D; readonly empty: tf.Tensor1D } {
  const norm = normTensors(context, unit);
  const { epsilon } = unit.norm!;
  const zero = tf.zeros([1, x.shape[1]]) as tf.Tensor2D;
  if (!usesBatchStatistics(context, unit)) {
    const empty = inferBatchNormRelu(zero, norm, { epsilon });
    const points = inferBatchNormRelu(x, norm, { epsilon });
    return { points: showStage(context, unit.name, points), empty: tf.reshape(empty, [-1]) };
  }
  const { gamma, beta } = norm;
  const rows = Math.max(total, 1);
  const mean = tf.div(tf.sum(x, 0), rows) as tf.Tensor1D;
  const squares = tf.add(tf.sum(tf.square(tf.sub(x, mean)), 0), tf.mul(tf.square(mean), total - x.shape[0]));
  const variance = tf.div(squares, rows) as tf.Tensor1D;
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  const normalise = <T extends tf.Tensor>(rowsOf: T) => tf.relu(tf.add(tf.mul(tf.sub(rowsOf, mean), scale), beta)) as T;
  context.batchStatistics[unit.name] = { mean, variance, rows: total };
  return { points: showStage(context, unit.name, normalise(x)), empty: tf.reshape(normalise(zero), [-1]) };
}
