import { assignVoxels, type VoxelizeOptions } from "./assign-voxels.js";

/** Occupied voxels in order of first appearance, with the points that each has kept. */
export interface Voxels {
  /** [v, maxPointsPerVoxel, channels] kept points in order of arrival, zeros behind the last */
  readonly points: Float32Array;
  /** [v] kept points of each voxel, 1..maxPointsPerVoxel */
  readonly counts: Int32Array;
  /** [v, 3] cell indices in the order z, y, x */
  readonly coords: Int32Array;
  readonly maxPointsPerVoxel: number;
  /** Numbers per point. */
  readonly channels: number;
  /** Points outside the range, those with a NaN or infinite coordinate among them. */
  readonly outside: number;
  /** Points inside the range that were left out because their voxel was full or could not be opened. */
  readonly overflow: number;
}

/** Most elements of the padded point array: a larger one would exhaust memory. */
const MAX_POINT_ELEMENTS = 2 ** 30;

/**
 * Hard voxelization: sorts points into the cells of a grid.
 *
 * Voxels are numbered by first appearance; each keeps its first `maxPointsPerVoxel` points. Once `maxVoxels` exist, no
 * further voxel is opened, while points of existing voxels are still taken.
 *
 * Arithmetic is IEEE float32 with one rounding per operation: index = floor(fl32(fl32(p - min) / size)), a true division,
 * with p, min and size float32 values. A point counts as outside unless 0 <= index < grid on all three axes; NaN is
 * never inside. Only x, y, z are looked at: further channels are copied as they are, NaN included.
 *
 * Time O(points), memory O(points + voxels), whatever the number of cells.
 *
 * @param points [n, pointStride] row-major; x, y, z in metres, in the frame of the range, then features
 * @throws TypeError if `points` is no Float32Array
 * @throws RangeError if its length is no multiple of the stride, for a limit or stride out of bounds, a bad grid (see
 *   {@link gridSize}), or a result of more than 2^30 numbers
 */
export function voxelize(points: Float32Array, options: VoxelizeOptions): Voxels {
  const { maxPointsPerVoxel, pointStride: channels = 4 } = options;
  const { voxelOf, voxels, coords, outside } = assignVoxels(points, options);
  const size = voxels * maxPointsPerVoxel * channels;
  if (size > MAX_POINT_ELEMENTS) {
    throw new RangeError(
      `voxelize: expected at most ${MAX_POINT_ELEMENTS} numbers in the result, got ${voxels} voxels x ` +
        `${maxPointsPerVoxel} points x ${channels} channels; lower maxPointsPerVoxel or maxVoxels`,
    );
  }
  const out = new Float32Array(size);
  const counts = new Int32Array(voxels);
  const kept = fillVoxels(points, voxelOf, out, counts, maxPointsPerVoxel, channels);
  const overflow = points.length / channels - outside - kept;
  return { points: out, counts, coords, maxPointsPerVoxel, channels, outside, overflow };
}

/** Copies each voxel's first points and counts them; returns the number of points copied. */
function fillVoxels(
  points: Float32Array,
  voxelOf: Int32Array,
  out: Float32Array,
  counts: Int32Array,
  maxPoints: number,
  channels: number,
): number {
  let kept = 0;
  for (let i = 0; i < voxelOf.length; i++) {
    const voxel = voxelOf[i];
    if (voxel < 0 || counts[voxel] === maxPoints) continue;
    const from = i * channels;
    const to = (voxel * maxPoints + counts[voxel]++) * channels;
    for (let c = 0; c < channels; c++) out[to + c] = points[from + c];
    kept++;
  }
  return kept;
}
