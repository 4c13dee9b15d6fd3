import type { Pillars } from "./pillars.js";

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
  checkCoords("batchVoxels", clouds);
  const features = joinRows(
    clouds.map((cloud) => ({ values: cloud.features, rows: cloud.counts.length })),
    { caller: "batchVoxels", row: "voxel", parameter: "features" },
  );
  return { features, coords: joinCoords(clouds), counts: joinCounts(clouds), batchSize: clouds.length };
}

/** One cloud's pillars with the points of each, as `pillars` returns them. */
export type PillarPoints = Pick<Pillars, "points" | "counts" | "coords">;

/** Pillars of several clouds, cloud after cloud. */
export interface BatchedPillars {
  /** [n, channels] points, pillar after pillar */
  readonly points: Float32Array;
  /** [v + 1] the first point of each pillar, then n */
  readonly starts: Int32Array;
  /** [v, 4] batch, z, y, x */
  readonly coords: Int32Array;
  readonly batchSize: number;
}

/**
 * Joins the pillars of several clouds as {@link batchVoxels} joins voxels.
 * @throws RangeError if a cloud's arrays disagree on its number of pillars or points, or clouds on the values per point
 */
export function batchPillars(clouds: readonly PillarPoints[]): BatchedPillars {
  checkCoords("batchPillars", clouds);
  const points = joinRows(
    clouds.map(({ points: values, counts }) => ({ values, rows: counts.reduce((sum, count) => sum + count, 0) })),
    { caller: "batchPillars", row: "point", parameter: "points" },
  );
  const counts = joinCounts(clouds);
  const starts = new Int32Array(counts.length + 1);
  for (let v = 0; v < counts.length; v++) starts[v + 1] = starts[v] + counts[v];
  return { points, starts, coords: joinCoords(clouds), batchSize: clouds.length };
}

type Cells = Pick<VoxelFeatures, "coords" | "counts">;

function checkCoords(caller: string, clouds: readonly Cells[]): void {
  clouds.forEach(({ coords, counts: { length: v } }, cloud) => {
    if (coords.length === 3 * v) return;
    throw new RangeError(`${caller}: expected [${v}, 3] numbers for coords of cloud ${cloud}, got ${coords.length}`);
  });
}

/** Cells [v, 3] become sites [v, 4] with the cloud's position in front. */
function joinCoords(clouds: readonly Cells[]): Int32Array {
  const sites = new Int32Array(clouds.reduce((sum, { counts }) => sum + 4 * counts.length, 0));
  let to = 0;
  clouds.forEach(({ coords }, cloud) => {
    for (let from = 0; from < coords.length; from += 3, to += 4) {
      sites[to] = cloud;
      sites[to + 1] = coords[from];
      sites[to + 2] = coords[from + 1];
      sites[to + 3] = coords[from + 2];
    }
  });
  return sites;
}

function joinCounts(clouds: readonly Cells[]): Int32Array {
  const joined = new Int32Array(clouds.reduce((sum, { counts }) => sum + counts.length, 0));
  let at = 0;
  for (const { counts } of clouds) {
    joined.set(counts, at);
    at += counts.length;
  }
  return joined;
}

/** @throws RangeError unless every part has a whole number of values per row, the same one as the others */
function joinRows(
  parts: readonly { readonly values: Float32Array; readonly rows: number }[],
  { caller, row, parameter }: Record<"caller" | "row" | "parameter", string>,
): Float32Array {
  const joined = new Float32Array(parts.reduce((sum, { values }) => sum + values.length, 0));
  let perRow = -1;
  let at = 0;
  parts.forEach(({ values, rows }, cloud) => {
    if (rows === 0 ? values.length !== 0 : values.length % rows !== 0) {
      throw new RangeError(
        `${caller}: expected a multiple of ${rows} numbers for ${parameter} of cloud ${cloud}, got ${values.length}`,
      );
    }
    if (rows > 0 && perRow >= 0 && values.length !== perRow * rows) {
      throw new RangeError(
        `${caller}: expected ${perRow} values per ${row}, as in the clouds before, for ${parameter} of cloud ${cloud}, ` +
          `got ${values.length / rows}`,
      );
    }
    if (rows > 0) perRow = values.length / rows;
    joined.set(values, at);
    at += values.length;
  });
  return joined;
}
