import { meanFeatures, pillars, voxelize } from "voxelize";
import type { DetectorConfig } from "./config/detector-config.js";
import type { EncoderFrame } from "./detector-batch.js";
import { featureCount } from "./network/detector-layers.js";

/** Numbers per point of a scan: x, y, z, intensity. */
const POINT_STRIDE = 4;

/**
 * One scan as the encoder takes it. Sparse encoder: voxels with the mean of their points as features. Encoders on points: the
 * points of every cell beside its mean and its centre.
 * @param points [n, 4] x, y, z in metres (LiDAR frame), intensity; points outside of the range are dropped; none is fine
 * @param options maxVoxels: default that of inference, `config.maxVoxels.test`; pass `config.maxVoxels.train` to train
 * @returns `voxels`: features [v, f] with f numbers a point, or `points`: points [n, f + 6], cell after cell; coords [v, 3] z, y, x of voxels or cells
 *   in order of first appearance; counts [v]
 * @throws TypeError if `points` is no Float32Array; RangeError for a NaN or infinite value, with the point's number
 */
export function prepareFrame(
  points: Float32Array,
  config: DetectorConfig,
  { maxVoxels = config.maxVoxels.test }: { readonly maxVoxels?: number } = {},
): EncoderFrame {
  checkPoints(points);
  const pointStride = featureCount(config);
  const taken = pointStride === POINT_STRIDE ? points : firstColumns(points, pointStride);
  const grid = {
    range: config.pointRange,
    voxelSize: config.voxelSize,
    maxPointsPerVoxel: config.maxPointsPerVoxel,
    maxVoxels,
    pointStride,
  };
  if (config.encoder.kind === "sparse") {
    const voxels = voxelize(taken, grid);
    return { kind: "voxels", features: meanFeatures(voxels), coords: voxels.coords, counts: voxels.counts };
  }
  const cells = pillars(taken, { ...grid, centreOffsets: 3 });
  return { kind: "points", points: cells.points, coords: cells.coords, counts: cells.counts };
}

/** [n, 4] → [n, columns] */
function firstColumns(points: Float32Array, columns: number): Float32Array {
  const rows = points.length / POINT_STRIDE;
  const taken = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < columns; c++) taken[row * columns + c] = points[row * POINT_STRIDE + c];
  }
  return taken;
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
