import { buildStridedRulebook, buildSubmanifoldRulebook, type Rulebook } from "sparse-conv";
import { batchVoxels, meanFeatures, type VoxelFeatures, voxelize } from "voxelize";
import type { DetectorConfig } from "./config/detector-config.js";
import { detectorLayers, type SparseLayer, sparseGridShape, type Triple } from "./network/layers.js";
import type { EncoderPlan } from "./network/sparse-encoder.js";

/** Numbers per point: x, y, z, intensity. */
const POINT_STRIDE = 4;

/** Frames of one batch with all the work done that needs no gradient: what the forward pass takes. */
export interface DetectorBatch extends EncoderPlan {
  /** [v, 4] mean x, y, z (metres, LiDAR frame) and intensity of each voxel, frame after frame */
  readonly features: Float32Array;
  /** [v, 4] batch, z, y, x */
  readonly coords: Int32Array;
}

/**
 * Voxels of one scan with the mean of their points as features.
 * @param points [n, 4] x, y, z in metres (LiDAR frame), intensity; points outside of the range are dropped; none is fine
 * @param options maxVoxels: default that of inference, `config.maxVoxels.test`; pass `config.maxVoxels.train` to train
 * @returns features [v, 4], coords [v, 3] z, y, x in order of first appearance, counts [v]
 * @throws TypeError if `points` is no Float32Array; RangeError for a NaN or infinite value, with the point's number
 */
export function prepareFrame(
  points: Float32Array,
  config: DetectorConfig,
  { maxVoxels = config.maxVoxels.test }: { readonly maxVoxels?: number } = {},
): VoxelFeatures {
  if (!(points instanceof Float32Array)) {
    throw new TypeError(
      `prepareFrame: expected a Float32Array for points, got ${Object.prototype.toString.call(points)}`,
    );
  }
  for (let i = 0; i < points.length; i++) {
    if (!Number.isFinite(points[i])) {
      const point = Math.floor(i / POINT_STRIDE);
      throw new RangeError(`prepareFrame: expected finite numbers for points, got ${points[i]} in point ${point}`);
    }
  }
  const voxels = voxelize(points, {
    range: config.pointRange,
    voxelSize: config.voxelSize,
    maxPointsPerVoxel: config.maxPointsPerVoxel,
    maxVoxels,
    pointStride: POINT_STRIDE,
  });
  return { features: meanFeatures(voxels), coords: voxels.coords, counts: voxels.counts };
}

/**
 * Joins frames into a batch and builds the rulebook of every encoder layer.
 * @param frames what {@link prepareFrame} returned, one per sample; a frame without voxels keeps its place
 * @throws RangeError if there is no frame
 */
export function collateFrames(frames: readonly VoxelFeatures[], config: DetectorConfig): DetectorBatch {
  if (frames.length === 0) throw new RangeError("collateFrames: expected one frame or more, got none");
  const { features, coords, batchSize } = batchVoxels(frames);
  const rulebooks = encoderRulebooks(detectorLayers(config).encoder, {
    coords,
    shape: sparseGridShape(config),
    batchSize,
  });
  return { features, coords, batchSize, rulebooks };
}

interface Sites {
  readonly coords: Int32Array;
  readonly shape: Triple;
  readonly batchSize: number;
}

/** One rulebook per layer; neighbouring submanifold layers of one kernel share theirs. */
function encoderRulebooks(layers: readonly SparseLayer[], input: Sites): Rulebook[] {
  const { batchSize } = input;
  let { coords, shape } = input;
  let shared: { readonly kernel: string; readonly rulebook: Rulebook } | undefined;
  return layers.map(({ kind, kernel, stride, padding }) => {
    if (kind === "submanifold") {
      if (shared?.kernel !== String(kernel)) {
        shared = { kernel: String(kernel), rulebook: buildSubmanifoldRulebook(coords, { shape, batchSize, kernel }) };
      }
      return shared.rulebook;
    }
    const rulebook = buildStridedRulebook(coords, { shape, batchSize, kernel, stride, padding });
    shared = undefined;
    coords = rulebook.outputCoords;
    shape = rulebook.outputShape as Triple;
    return rulebook;
  });
}
