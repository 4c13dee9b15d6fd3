import { assignVoxels, type VoxelizeOptions } from "./assign-voxels.js";
import { gridSize } from "./grid.js";

/** How to cut a cloud into pillars: a grid with a single cell in z. */
export interface PillarOptions extends VoxelizeOptions {
  /** Append x, y (2, as in the paper) or x, y, z (3, as in OpenPCDet) relative to the pillar's centre. Default 2. */
  readonly centreOffsets?: 2 | 3;
}

/** Occupied pillars in order of first appearance, with decorated points. */
export interface Pillars {
  /** [n, channels] decorated points, pillar after pillar, those of one in order of arrival */
  readonly points: Float32Array;
  /** [v] kept points of each pillar, 1..maxPointsPerVoxel */
  readonly counts: Int32Array;
  /** [v, 3] z, y, x; z is always 0 */
  readonly coords: Int32Array;
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
 * Both in float64; each decorated value is rounded once to float32. Which points are kept, and the order of pillars, are as
 * in `voxelize`; slots that no point fills are not stored.
 * Source: Lang et al., "PointPillars", CVPR 2019, section 2.1.
 * @param points as for `voxelize`
 * @throws as `voxelize`; RangeError also if the grid has more than one cell in z or centreOffsets is not 2 or 3
 */
export function pillars(points: Float32Array, options: PillarOptions): Pillars {
  const { centreOffsets = 2, range, voxelSize, maxPointsPerVoxel, pointStride: own = 4 } = options;
  const cellsInZ = gridSize(options)[2];
  if (cellsInZ !== 1) throw new RangeError(`pillars: expected one cell in z for the grid, got ${cellsInZ}`);
  if (centreOffsets !== 2 && centreOffsets !== 3) {
    throw new RangeError(`pillars: expected 2 or 3 for centreOffsets, got ${centreOffsets}`);
  }
  const { voxelOf, voxels, coords, outside } = assignVoxels(points, options);
  const { counts, order } = sortByVoxel(voxelOf, voxels, maxPointsPerVoxel);
  const channels = own + 3 + centreOffsets;
  const decorated = new Float32Array(order.length * channels);
  const sums = [0, 0, 0];
  for (let v = 0, first = 0; v < voxels; first += counts[v++]) {
    const end = first + counts[v];
    sums.fill(0);
    for (let row = first; row < end; row++) {
      for (let a = 0; a < 3; a++) sums[a] += points[order[row] * own + a];
    }
    for (let row = first; row < end; row++) {
      const from = order[row] * own;
      const to = row * channels;
      for (let c = 0; c < own; c++) decorated[to + c] = points[from + c];
      for (let a = 0; a < 3; a++) decorated[to + own + a] = points[from + a] - sums[a] / counts[v];
      for (let a = 0; a < centreOffsets; a++) {
        const centre = range[a] + (coords[3 * v + 2 - a] + 0.5) * voxelSize[a];
        decorated[to + own + 3 + a] = points[from + a] - centre;
      }
    }
  }
  const overflow = points.length / own - outside - order.length;
  return { points: decorated, counts, coords, channels, outside, overflow };
}

/** The first points of each voxel, voxel after voxel: how many, and their numbers. */
function sortByVoxel(voxelOf: Int32Array, voxels: number, maxPoints: number) {
  const counts = new Int32Array(voxels);
  let kept = 0;
  for (let i = 0; i < voxelOf.length; i++) {
    if (voxelOf[i] < 0 || counts[voxelOf[i]] === maxPoints) continue;
    counts[voxelOf[i]]++;
    kept++;
  }
  const order = new Int32Array(kept);
  const next = new Int32Array(voxels); // where each voxel's next point goes
  const end = new Int32Array(voxels);
  for (let v = 0, first = 0; v < voxels; v++) {
    next[v] = first;
    end[v] = first += counts[v];
  }
  for (let i = 0; i < voxelOf.length; i++) {
    const voxel = voxelOf[i];
    if (voxel >= 0 && next[voxel] < end[voxel]) order[next[voxel]++] = i;
  }
  return { counts, order };
}
