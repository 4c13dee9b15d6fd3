/** One cloud's voxels with one row of features each. */
export interface VoxelFeatures {
  /** [v, channels], or any other fixed number of values per voxel */
  readonly features: Float32Array;
  /** [v, 3] z, y, x */
  readonly coords: Int32Array;
  /** [v] points of each voxel */
  readonly counts: Int32Array;
}

/** Voxels of several clouds, cloud after cloud. */
export interface BatchedVoxels {
  /** [v, channels] */
  readonly features: Float32Array;
  /** [v, 4] batch, z, y, x */
  readonly coords: Int32Array;
  /** [v] */
  readonly counts: Int32Array;
  readonly batchSize: number;
}

/**
 * Joins the voxels of several clouds, in order, and puts each cloud's position in the list before its coordinates.
 * A cloud without voxels still takes its place in the batch.
 * @throws RangeError if a cloud's arrays disagree on its number of voxels, or clouds on the values per voxel
 */
export function batchVoxels(clouds: readonly VoxelFeatures[]): BatchedVoxels {
  const perVoxel = valuesPerVoxel(clouds);
  const total = clouds.reduce((sum, cloud) => sum + cloud.counts.length, 0);
  const features = new Float32Array(total * perVoxel);
  const coords = new Int32Array(total * 4);
  const counts = new Int32Array(total);
  let row = 0;
  clouds.forEach((cloud, batch) => {
    features.set(cloud.features, row * perVoxel);
    counts.set(cloud.counts, row);
    putBefore(batch, cloud.coords, coords.subarray(4 * row));
    row += cloud.counts.length;
  });
  return { features, coords, counts, batchSize: clouds.length };
}

/** Cells [v, 3] become sites [v, 4] with the cloud's position in front. */
function putBefore(batch: number, cells: Int32Array, sites: Int32Array): void {
  for (let from = 0, to = 0; from < cells.length; from += 3, to += 4) {
    sites[to] = batch;
    sites[to + 1] = cells[from];
    sites[to + 2] = cells[from + 1];
    sites[to + 3] = cells[from + 2];
  }
}

function valuesPerVoxel(clouds: readonly VoxelFeatures[]): number {
  let perVoxel = -1;
  clouds.forEach(({ features, coords, counts }, batch) => {
    const v = counts.length;
    if (coords.length !== 3 * v) {
      throw new RangeError(
        `batchVoxels: expected [${v}, 3] numbers for coords of cloud ${batch}, got ${coords.length}`,
      );
    }
    if (v === 0 ? features.length !== 0 : features.length % v !== 0) {
      throw new RangeError(
        `batchVoxels: expected a multiple of ${v} numbers for features of cloud ${batch}, got ${features.length}`,
      );
    }
    if (v === 0) return;
    if (perVoxel >= 0 && features.length !== perVoxel * v) {
      throw new RangeError(
        `batchVoxels: expected ${perVoxel} values per voxel, as in the clouds before, for features of cloud ${batch}, ` +
          `got ${features.length / v}`,
      );
    }
    perVoxel = features.length / v;
  });
  return Math.max(perVoxel, 0);
}
