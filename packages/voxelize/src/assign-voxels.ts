import { gridSize, type VoxelGrid } from "./grid.js";

/** How to cut a cloud into voxels. */
export interface VoxelizeOptions extends VoxelGrid {
  /** Points that one voxel keeps; later ones are dropped. An integer >= 1. */
  readonly maxPointsPerVoxel: number;
  /** Voxels that may be opened; an integer >= 0, or Infinity for no limit. */
  readonly maxVoxels: number;
  /** Numbers per point, x, y, z first; an integer >= 3. Default 4. */
  readonly pointStride?: number;
}

/** The voxel of every point. */
export interface VoxelAssignment {
  /** [n] voxel of each point; -1 outside, or inside a voxel that was not opened */
  readonly voxelOf: Int32Array;
  /** Voxels that were opened. */
  readonly voxels: number;
  /** [voxels, 3] cell indices in the order z, y, x */
  readonly coords: Int32Array;
  /** Points outside the range, those with a NaN or infinite coordinate among them. */
  readonly outside: number;
}

/**
 * The voxel of every point, voxels numbered by first appearance, by a hash table with linear probing that is never more than
 * half full. Once `maxVoxels` exist, no further one is opened.
 * @throws TypeError if `points` is no Float32Array
 * @throws RangeError if its length is no multiple of the stride, for a limit or stride out of bounds, or a bad grid
 */
export function assignVoxels(points: Float32Array, options: VoxelizeOptions): VoxelAssignment {
  const { range, voxelSize, maxVoxels, pointStride: channels = 4 } = options;
  const [nx, ny, nz] = gridSize(options);
  checkArguments(points, options, channels);
  const capacity = Math.min(maxVoxels, points.length / channels, nx * ny * nz);
  const n = points.length / channels;
  const [minX, minY, minZ] = [Math.fround(range[0]), Math.fround(range[1]), Math.fround(range[2])];
  const [sizeX, sizeY, sizeZ] = voxelSize.map(Math.fround);
  const mask = 2 ** Math.ceil(Math.log2(2 * capacity + 2)) - 1;
  const table = new Int32Array(mask + 1); // voxel + 1; 0 = free
  const keys = new Int32Array(capacity);
  const voxelOf = new Int32Array(n).fill(-1);
  let voxels = 0;
  let outside = 0;
  for (let i = 0, p = 0; i < n; i++, p += channels) {
    // The double quotient of two float32 values, rounded once more, is the float32 quotient.
    const x = Math.floor(Math.fround(Math.fround(points[p] - minX) / sizeX));
    const y = Math.floor(Math.fround(Math.fround(points[p + 1] - minY) / sizeY));
    const z = Math.floor(Math.fround(Math.fround(points[p + 2] - minZ) / sizeZ));
    if (!(x >= 0 && x < nx && y >= 0 && y < ny && z >= 0 && z < nz)) {
      outside++;
      continue;
    }
    const key = (z * ny + y) * nx + x;
    let slot = mix(key) & mask;
    let voxel = table[slot] - 1;
    while (voxel >= 0 && keys[voxel] !== key) {
      slot = (slot + 1) & mask;
      voxel = table[slot] - 1;
    }
    if (voxel < 0) {
      if (voxels === capacity) continue;
      voxel = voxels++;
      keys[voxel] = key;
      table[slot] = voxel + 1;
    }
    voxelOf[i] = voxel;
  }
  return { voxelOf, voxels, coords: decodeKeys(keys.subarray(0, voxels), [nx, ny, nz]), outside };
}

/** Spreads neighbouring cells over the table (the integer finaliser of MurmurHash3). */
function mix(key: number): number {
  const h = Math.imul(key ^ (key >>> 16), 0x85ebca6b);
  const g = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return g ^ (g >>> 16);
}

/** Linear cell indices back to [v, 3] z, y, x. */
function decodeKeys(keys: Int32Array, [nx, ny]: readonly [number, number, number]): Int32Array {
  const coords = new Int32Array(3 * keys.length);
  for (let v = 0; v < keys.length; v++) {
    const row = Math.floor(keys[v] / nx);
    coords[3 * v] = Math.floor(row / ny);
    coords[3 * v + 1] = row % ny;
    coords[3 * v + 2] = keys[v] % nx;
  }
  return coords;
}

function checkArguments(points: Float32Array, options: VoxelizeOptions, channels: number): void {
  const { maxPointsPerVoxel, maxVoxels } = options;
  if (!(points instanceof Float32Array)) {
    throw new TypeError(`voxelize: expected a Float32Array for points, got ${Object.prototype.toString.call(points)}`);
  }
  if (!Number.isInteger(channels) || channels < 3) {
    throw new RangeError(`voxelize: expected an integer >= 3 for pointStride, got ${channels}`);
  }
  if (points.length % channels !== 0) {
    throw new RangeError(
      `voxelize: expected a multiple of pointStride ${channels} for the length of points, got ${points.length}`,
    );
  }
  if (!Number.isInteger(maxPointsPerVoxel) || maxPointsPerVoxel < 1) {
    throw new RangeError(`voxelize: expected an integer >= 1 for maxPointsPerVoxel, got ${maxPointsPerVoxel}`);
  }
  if (!(Number.isInteger(maxVoxels) || maxVoxels === Number.POSITIVE_INFINITY) || maxVoxels < 0) {
    throw new RangeError(`voxelize: expected an integer >= 0 or Infinity for maxVoxels, got ${maxVoxels}`);
  }
}
