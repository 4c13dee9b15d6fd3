import { meanFeatures, pillars, voxelize } from "voxelize";
import type { DetectorConfig } from "./config/detector-config.js";
import type { EncoderFrame } from "./detector-batch.js";

/** Numbers per point: x, y, z, intensity. */
const POINT_STRIDE = 4;

/**
 * One scan as the encoder takes it. Sparse encoder: voxels with the mean of their points as features. Encoders on points: the
 * points of every cell beside its mean and its centre.
 * @param points [n, 4] x, y, z in metres (LiDAR frame), intensity; points outside of the range are dropped; none is fine
 * @param options maxVoxels: default that of inference, `config.maxVoxels.test`; pass `config.maxVoxels.train` to train
 * @returns `voxels`: features [v, 4], or `points`: points [n, 10], cell after cell; coords [v, 3] z, y, x of voxels or cells
 *   in order of first appearance; counts [v]
 * @throws TypeError if `points` is no Float32Array; RangeError for a NaN or infinite value, with the point's number
 */
export function prepareFrame(
  points: Float32Array,
  config: DetectorConfig,
  { maxVoxels = config.maxVoxels.test }: { readonly maxVoxels?: number } = {},
): EncoderFrame {
  checkPoints(points);
  const grid = {
    range: config.pointRange,
    voxelSize: config.voxelSize,
    maxPointsPerVoxel: config.maxPointsPerVoxel,
    maxVoxels,
    pointStride: POINT_STRIDE,
  };
  if (config.encoder.kind === "sparse") {
    const voxels = voxelize(points, grid);
    return { kind: "voxels", features: meanFeatures(voxels), coords: voxels.coords, counts: voxels.counts };
  }
  const cells = pillars(points, { ...grid, centreOffsets: 3 });
  return { kind: "points", points: cells.points, coords: cells.coords, counts: cells.counts };
}

function checkPoints(points: Float32Array): void {
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
}
