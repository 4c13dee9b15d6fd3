import * as tf from "@tensorflow/tfjs-core";
import { maxPoolSegments, type Rulebook, type SparseTensor3D, toBev } from "sparse-conv";
import type { DetectorBatch } from "../detector-batch.js";
import type { EncoderLayers } from "./detector-layers.js";
import type { Unit } from "./unit.js";

/** What runs the units of an encoder: the pass that trains, or folded weights. */
export interface UnitRunner {
  /** Stands in for the batch's own rows, [v, 4] or [n, 10]: a tensor that is to be differentiated by. */
  readonly rows?: tf.Tensor2D | undefined;
  /** [rows, in] → [rows, out] */
  run(unit: Unit, x: tf.Tensor2D, rulebook?: Rulebook): tf.Tensor2D;
  /**
   * The same, where rows of zeros that are not stored take part.
   * @param total rows with those of zeros
   * @returns points [rows, out]; empty [out] what every row of zeros becomes
   */
  runPadded(unit: Unit, x: tf.Tensor2D, total: number): { readonly points: tf.Tensor2D; readonly empty: tf.Tensor1D };
}

/**
 * The encoder of any kind.
 * @returns [b, y, x, c·D + d] the bird's-eye-view map, zero where nothing is
 */
export function encodeBatch(encoder: EncoderLayers, batch: DetectorBatch, runner: UnitRunner): tf.Tensor4D {
  return toBev(encodeSites(encoder, batch, runner));
}

/**
 * What it finds at the sites of its last grid, before they take their places in a map.
 *
 * - `sparse` (Yan, Mao, Li 2018): sparse convolutions on voxels.
 * - `pillars` (Lang et al. 2019, section 2.1): a linear unit on each point, the maximum over the points of a cell. As in the
 *   published code the empty slots of a cell take part as points of zeros: they count in the statistics, and a cell with an
 *   empty slot has no feature below that of a zero.
 * - `pointnet` (Qi et al. 2017): the same small network on each point, then the maximum. Empty slots do not exist.
 */
export function encodeSites(encoder: EncoderLayers, batch: DetectorBatch, runner: UnitRunner): SparseTensor3D {
  const { layers, outputShape: shape } = encoder;
  const { batchSize } = batch;
  if (batch.kind === "voxels") {
    let x = runner.rows ?? rowsOf(batch.features, layers[0].inChannels); // [v, 4]
    layers.forEach((unit, i) => {
      x = runner.run(unit, x, batch.rulebooks[i]); // [sites, c]
    });
    return { features: x, coords: batch.rulebooks[layers.length - 1].outputCoords, shape, batchSize };
  }
  const { starts, coords } = batch;
  let x = runner.rows ?? rowsOf(batch.points, layers[0].inChannels); // [n, 10]
  if (encoder.kind === "pointnet") {
    for (const unit of layers) x = runner.run(unit, x); // [n, c]
    return { features: maxPoolSegments(x, starts), coords, shape, batchSize };
  }
  const [cells, slots] = [starts.length - 1, encoder.slots!];
  const { points, empty } = runner.runPadded(layers[0], x, cells * slots); // [n, c], [c]
  const best = maxPoolSegments(points, starts); // [cells, c]
  // The larger of both, but in full cells, where minus infinity stands in for what no slot holds. As one sum and one maximum of equal
  // shapes: the gradient of tfjs's maximum knows no broadcasting.
  const offsets = Float32Array.from({ length: cells }, (_, i) => (starts[i + 1] - starts[i] === slots ? -Infinity : 0));
  const bound: tf.Tensor2D = tf.add(tf.tensor2d(offsets, [cells, 1]), empty); // [cells, c]
  return { features: tf.maximum(best, bound), coords, shape, batchSize };
}

function rowsOf(values: Float32Array, channels: number): tf.Tensor2D {
  return tf.tensor2d(values, [values.length / channels, channels]);
}
