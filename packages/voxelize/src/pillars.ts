import { gridSize } from "./grid.js";
import { type VoxelizeOptions, voxelize } from "./voxelize.js";

/** How to cut a cloud into pillars: a grid with a single cell in z. */
export interface PillarOptions extends VoxelizeOptions {
  /** Append x, y (2, as in the paper) or x, y, z (3, as in OpenPCDet) relative to the pillar's centre. Default 2. */
  readonly centreOffsets?: 2 | 3;
}

/** Occupied pillars in order of first appearance, with decorated points. */
export interface Pillars {
  /** [v, maxPointsPerVoxel, channels] decorated points, zeros behind the last */
  readonly features: Float32Array;
  /** [v] kept points, 1..maxPointsPerVoxel */
  readonly counts: Int32Array;
  /** [v, 3] z, y, x; z is always 0 */
  readonly coords: Int32Array;
  readonly maxPointsPerVoxel: number;
  /** Numbers per decorated point: pointStride + 3 + centreOffsets. */
  readonly channels: number;
  /** As in `Voxels`. */
  readonly outside: number;
  /** As in `Voxels`. */
  readonly overflow: number;
}

/**
 * The input of a PointPillars encoder: points sorted into columns and decorated with
 * [the point's own channels, x - mean x, y - mean y, z - mean z, x - centre x, y - centre y (, z - centre z)].
 * The mean is that of the pillar's kept points; the centre is the geometric centre of its cell, min + (index + 1/2) size.
 * Both in float64; each decorated value is rounded once to float32.
 * Source: Lang et al., "PointPillars", CVPR 2019, section 2.1.
 * @param points as for `voxelize`
 * @throws as `voxelize`; RangeError also if the grid has more than one cell in z or centreOffsets is not 2 or 3
 */
export function pillars(points: Float32Array, options: PillarOptions): Pillars {
  const { centreOffsets = 2, range, voxelSize } = options;
  const cellsInZ = gridSize(options)[2];
  if (cellsInZ !== 1) throw new RangeError(`pillars: expected one cell in z for the grid, got ${cellsInZ}`);
  if (centreOffsets !== 2 && centreOffsets !== 3) {
    throw new RangeError(`pillars: expected 2 or 3 for centreOffsets, got ${centreOffsets}`);
  }
  const voxels = voxelize(points, options);
  const { counts, coords, maxPointsPerVoxel, channels: own } = voxels;
  const channels = own + 3 + centreOffsets;
  const features = new Float32Array(counts.length * maxPointsPerVoxel * channels);
  const sums = [0, 0, 0];
  for (let v = 0; v < counts.length; v++) {
    const first = v * maxPointsPerVoxel;
    sums.fill(0);
    for (let p = first; p < first + counts[v]; p++) {
      for (let a = 0; a < 3; a++) sums[a] += voxels.points[p * own + a];
    }
    for (let p = first; p < first + counts[v]; p++) {
      const from = p * own;
      const to = p * channels;
      for (let c = 0; c < own; c++) features[to + c] = voxels.points[from + c];
      for (let a = 0; a < 3; a++) features[to + own + a] = voxels.points[from + a] - sums[a] / counts[v];
      for (let a = 0; a < centreOffsets; a++) {
        const centre = range[a] + (coords[3 * v + 2 - a] + 0.5) * voxelSize[a];
        features[to + own + 3 + a] = voxels.points[from + a] - centre;
      }
    }
  }
  const { outside, overflow } = voxels;
  return { features, counts, coords, maxPointsPerVoxel, channels, outside, overflow };
}
