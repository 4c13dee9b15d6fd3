import * as tf from "@tensorflow/tfjs-core";
import { maxPoolRows, type Rulebook, toBev } from "sparse-conv";
import type { PointLayer } from "./encoder-layers.js";
import { normalisePadded } from "./padded-batch-norm.js";
import { finishUnit, trainable, type UnitContext } from "./unit-context.js";

/** Points of a batch, cell after cell, and what joins them. */
export interface PointInput {
  /** [points, c] decorated points */
  readonly features: tf.Tensor2D;
  /** [cells] points of each */
  readonly counts: Int32Array;
  /** slots of a cell: the most points that it can hold */
  readonly slots: number;
  /** from points to cells; its output sites are the cells */
  readonly rulebook: Rulebook;
}

/**
 * PointPillars' encoder (Lang et al. 2019, section 2.1): a linear layer on each point, batch norm, ReLU, the maximum over
 * the points of a cell, each cell in its place on the map. As in the published code the empty slots of a cell take part as
 * points of zeros: they count in the statistics, and a cell with an empty slot has no feature below that of a zero.
 * @returns [b, y, x, c] zero where no cell has a point
 */
export function runPillars(context: UnitContext, { name }: PointLayer, input: PointInput): tf.Tensor4D {
  const kernel = trainable<tf.Tensor2D>(context, `${name}.weight`);
  const total = input.counts.length * input.slots;
  const { points, empty } = normalisePadded(context, name, { x: tf.matMul(input.features, kernel), total });
  const best = maxPoolRows(points, input.rulebook);
  return onMap(notBelowEmpty(best, empty, input), input.rulebook);
}

/**
 * A PointNet for every cell (Qi et al. 2017): the same small network on each point, then the maximum over the points of a
 * cell. Empty slots do not exist.
 * @returns [b, y, x, c] zero where no cell has a point
 */
export function runPointNet(context: UnitContext, layers: readonly PointLayer[], input: PointInput): tf.Tensor4D {
  let x = input.features;
  for (const { name } of layers) {
    x = finishUnit(context, name, tf.matMul(x, trainable<tf.Tensor2D>(context, `${name}.weight`)));
  }
  return onMap(maxPoolRows(x, input.rulebook), input.rulebook);
}

/** @param empty [c] what an empty slot has */
export function notBelowEmpty(
  best: tf.Tensor2D,
  empty: tf.Tensor1D,
  { counts, slots }: Pick<PointInput, "counts" | "slots">,
): tf.Tensor2D {
  const full = tf.tensor2d(
    Uint8Array.from(counts, (n) => (n === slots ? 1 : 0)),
    [counts.length, 1],
    "bool",
  );
  // The gradient of tfjs's maximum knows no broadcasting, and that of its tile adds the copies one by one.
  const spread = tf.add(tf.zeros(best.shape), empty);
  return tf.where(full, best, tf.maximum(best, spread)) as tf.Tensor2D;
}

/** Cells in their places, [b, y, x, c]. */
export function onMap(features: tf.Tensor2D, { outputCoords, outputShape, batchSize }: Rulebook): tf.Tensor4D {
  return toBev({ features, coords: outputCoords, shape: outputShape, batchSize });
}
