import * as tf from "@tensorflow/tfjs-core";
import { voxelize } from "voxelize";
import type { CameraBatch } from "../camera/collate-cameras.js";
import { collateFrames } from "../collate-frames.js";
import type { DetectorConfig } from "../config/detector-config.js";
import type { DetectorBatch } from "../detector-batch.js";
import { encoderLayers, featureCount } from "../network/detector-layers.js";
import { forwardDetector } from "../network/forward-detector.js";
import type { Weights } from "../network/unit-tensors.js";
import { prepareFrame } from "../prepare-frame.js";

/** One number of the head: the logit of a class at an anchor. */
export interface ScoredAnchor {
  readonly anchor: number;
  /** label index */
  readonly label: number;
}

/** What {@link scoreGradients} looks at. */
export interface ScoreGradientsOptions {
  readonly config: DetectorConfig;
  /** Of the frame, where the configuration has a camera; it is not differentiated by. */
  readonly camera?: CameraBatch | undefined;
}

/** Numbers of a point: x, y, z, intensity. */
const POINT_SIZE = 4;

/**
 * Gradients of single scores by the points of a scan: how a logit changes as a point moves, or returns more or less light, inside its cell.
 * That a point may leave its cell, or be missed altogether, is no part of it.
 *
 * In evaluation mode, through the means of voxels or the offsets within columns: exact for every kind of encoder.
 * @param weights stay the caller's, and have to live as long as the function that is returned
 * @param points  [n, 4] x, y, z in metres, LiDAR frame; intensity
 * @returns a function of an output that gives [n, 4]: logits per metre along x, y, z, and per unit of intensity; 0 for a point out of range or
 *   beyond what its cell holds, and for an intensity that the configuration does not take
 * @throws Error from that function if tfjs has no gradients registered; RangeError for an output that there is none of
 */
export function scoreGradients(
  weights: Weights,
  points: Float32Array,
  { config, camera }: ScoreGradientsOptions,
): (output: ScoredAnchor) => Promise<Float32Array> {
  const batch: DetectorBatch = { ...collateFrames([prepareFrame(points, config)], config), camera };
  const cells = pointsOfCells(points, config);
  const [{ inChannels }] = encoderLayers(config).layers;
  return async ({ anchor, label }) => {
    const gradient = tf.tidy(() => {
      const logit = (rows: tf.Tensor) => {
        const { cls } = forwardDetector(weights, batch, { config, rows: rows as tf.Tensor2D }).head;
        const at = anchor * config.classes.length + label;
        if (!(label >= 0 && label < config.classes.length && at >= 0 && at < cls.size)) {
          throw new RangeError(
            `scoreGradients: expected an anchor and a label that there are, got ${anchor}, ${label}`,
          );
        }
        return tf.slice(tf.reshape(cls, [cls.size]), [at], [1]);
      };
      return tf.grad(logit)(rowsOf(batch, inChannels));
    });
    const values = (await gradient.data()) as Float32Array;
    gradient.dispose();
    return batch.kind === "voxels"
      ? ofVoxels(values, cells, points.length)
      : ofColumns(values, cells, points.length, featureCount(config));
  };
}

/** What the encoder takes, as a tensor; of a scan with nothing in range it has no rows. */
function rowsOf(batch: DetectorBatch, channels: number): tf.Tensor2D {
  const values = batch.kind === "points" ? batch.points : batch.features;
  return tf.tensor2d(values, [values.length / channels, channels]);
}

/** The points that each cell keeps, by their numbers, in the order in which the encoder has them. */
function pointsOfCells(points: Float32Array, config: DetectorConfig): number[][] {
  // Each point's number goes along as a further channel; float32 holds whole numbers up to 2^24.
  const numbered = new Float32Array(points.length);
  for (let i = 0, p = 0; p < points.length; i++, p += POINT_SIZE) {
    numbered.set(points.subarray(p, p + 3), p);
    numbered[p + 3] = i;
  }
  const {
    points: kept,
    counts,
    maxPointsPerVoxel: slots,
  } = voxelize(numbered, {
    range: config.pointRange,
    voxelSize: config.voxelSize,
    maxPointsPerVoxel: config.maxPointsPerVoxel,
    maxVoxels: config.maxVoxels.test,
  });
  return Array.from(counts, (count, cell) =>
    Array.from({ length: count }, (_, slot) => kept[POINT_SIZE * (cell * slots + slot) + 3]),
  );
}

/** A voxel's features are the means of its points: each has its share. */
function ofVoxels(gradient: Float32Array, cells: readonly number[][], length: number): Float32Array {
  const features = gradient.length / cells.length;
  const byPoint = new Float32Array(length);
  cells.forEach((inside, cell) => {
    for (const point of inside) {
      for (let c = 0; c < features; c++)
        byPoint[POINT_SIZE * point + c] = gradient[cell * features + c] / inside.length;
    }
  });
  return byPoint;
}

/**
 * A decorated point is itself (own channels), itself less the mean of its column, itself less the column's centre: a point that moves
 * moves the mean of all by its share.
 */
function ofColumns(gradient: Float32Array, cells: readonly number[][], length: number, own: number): Float32Array {
  const channels = own + 6;
  const byPoint = new Float32Array(length);
  let row = 0;
  for (const inside of cells) {
    const meanShift = [0, 1, 2].map((axis) =>
      inside.reduce((sum, _, slot) => sum + gradient[(row + slot) * channels + own + axis] / inside.length, 0),
    );
    for (const point of inside) {
      const at = row * channels;
      for (let axis = 0; axis < 3; axis++) {
        const [itself, toMean, toCentre] = [at + axis, at + own + axis, at + own + 3 + axis].map((i) => gradient[i]);
        byPoint[POINT_SIZE * point + axis] = itself + toMean + toCentre - meanShift[axis];
      }
      if (own === POINT_SIZE) byPoint[POINT_SIZE * point + 3] = gradient[at + 3];
      row += 1;
    }
  }
  return byPoint;
}
