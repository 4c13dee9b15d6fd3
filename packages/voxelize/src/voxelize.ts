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
  const { maxPointsPerVoxel, maxVoxels, pointStride: channels = 4 } = options;
  const cells = gridSize(options);
  checkArguments(points, options, channels);

  const capacity = Math.min(maxVoxels, points.length / channels, cells[0] * cells[1] * cells[2]);
  const found = assignVoxels(points, options, cells, channels, capacity);

  const size = found.voxels * maxPointsPerVoxel * channels;
  if (size > MAX_POINT_ELEMENTS) {
    throw new RangeError(
      `voxelize: expected at most ${MAX_POINT_ELEMENTS} numbers in the result, got ${found.voxels} voxels x ` +
        `${maxPointsPerVoxel} points x ${channels} channels; lower maxPointsPerVoxel or maxVoxels`,
    );
  }
  const out = new Float32Array(size);
  const counts = new Int32Array(found.voxels);
  const kept = fillVoxels(points, found.voxelOf, out, counts, maxPointsPerVoxel, channels);
  return {
    points: out,
    counts,
    coords: decodeKeys(found.keys.subarray(0, found.voxels), cells),
    maxPointsPerVoxel,
    channels,
    outside: found.outside,
    overflow: points.length / channels - found.outside - kept,
  };
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

interface Assignment {
  /** [n] voxel of each point; -1 outside, or inside a voxel that was not opened */
  readonly voxelOf: Int32Array;
  /** [capacity] linear cell index (z ny + y) nx + x of each voxel */
  readonly keys: Int32Array;
  readonly voxels: number;
  readonly outside: number;
}

/** Pass 1: the voxel of each point, by a hash table with linear probing that is never more than half full. */
function assignVoxels(
  points: Float32Array,
  { range, voxelSize }: VoxelGrid,
  [nx, ny, nz]: readonly [number, number, number],
  channels: number,
  capacity: number,
): Assignment {
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
  return { voxelOf, keys, voxels, outside };
}

/** Spreads neighbouring cells over the table (the integer finaliser of MurmurHash3). */
function mix(key: number): number {
  const h = Math.imul(key ^ (key >>> 16), 0x85ebca6b);
  const g = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return g ^ (g >>> 16);
}

/** Pass 2: copies each voxel's first points and counts them; returns the number of points copied. */
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
