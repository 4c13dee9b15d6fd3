import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describeUnless, goldenMissing, goldenPath, itUnless } from "test-support";
import { expect } from "vitest";
import { gridSize, meanFeatures, type VoxelGrid, type Voxels, voxelize } from "../src/index.js";

interface Expected {
  readonly configs: Record<
    string,
    { range: VoxelGrid["range"]; voxel: VoxelGrid["voxelSize"]; max_points: number; max_voxels: number }
  >;
  readonly frames: Record<string, Record<string, ExpectedFrame>>;
}

interface ExpectedFrame {
  readonly grid: number[];
  readonly pointsInRange: number;
  readonly voxels: number;
  readonly pointsKept: number;
  readonly featureSum: number[];
  readonly meanFeatureSum: number[];
  readonly crcCoords: number;
  readonly crcCounts: number;
  readonly crcPoints: number;
  readonly firstCoords: number[][];
  readonly lastCoords: number[];
  readonly maxCount: number;
}

const folder = goldenPath("golden/voxelize");
const frames = goldenPath("kitti-mini/velodyne");

/** Kept points without padding, voxel after voxel. */
function compact({ points, counts, maxPointsPerVoxel, channels }: Voxels): Float32Array {
  const rows = Array.from(counts, (count, v) => {
    const first = v * maxPointsPerVoxel * channels;
    return points.subarray(first, first + count * channels);
  });
  const out = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    out.set(row, at);
    at += row.length;
  }
  return out;
}

const crc = (array: Float32Array | Int32Array): number =>
  crc32(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));

/** Float64 sums of the four channels. */
function sums(points: Float32Array): number[] {
  const out = [0, 0, 0, 0];
  for (let i = 0; i < points.length; i++) out[i % 4] += points[i];
  return out;
}

const expected: Expected = folder
  ? JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"))
  : { configs: {}, frames: { none: {} } };

describeUnless(goldenMissing("golden/voxelize", "kitti-mini/velodyne"), "golden sweeps", () => {
  for (const [frame, byConfig] of Object.entries(expected.frames)) {
    const path = join(frames ?? "", `${frame}.bin`);
    const missing = existsSync(path) ? undefined : "the sweep is not in kitti-mini";
    itUnless(missing, `frame ${frame}`, () => {
      const bytes = readFileSync(path);
      const points = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
      for (const [name, config] of Object.entries(expected.configs)) {
        const grid = { range: config.range, voxelSize: config.voxel };
        const voxels = voxelize(points, {
          ...grid,
          maxPointsPerVoxel: config.max_points,
          maxVoxels: config.max_voxels,
        });
        const truth = byConfig[name];
        const kept = compact(voxels);
        expect(gridSize(grid), name).toEqual(truth.grid);
        expect(voxels.counts.length, name).toBe(truth.voxels);
        expect(points.length / 4 - voxels.outside, name).toBe(truth.pointsInRange);
        expect(kept.length / 4, name).toBe(truth.pointsKept);
        expect(voxels.overflow, name).toBe(truth.pointsInRange - truth.pointsKept);
        expect([...voxels.coords.subarray(0, 9)], name).toEqual(truth.firstCoords.flat());
        expect([...voxels.coords.subarray(-3)], name).toEqual(truth.lastCoords);
        expect(Math.max(...voxels.counts), name).toBe(truth.maxCount);
        expect(crc(voxels.coords), name).toBe(truth.crcCoords);
        expect(crc(voxels.counts), name).toBe(truth.crcCounts);
        expect(crc(kept), name).toBe(truth.crcPoints);
        sums(kept).forEach((sum, c) => {
          expect(Math.abs(sum / truth.featureSum[c] - 1), `${name} sum of channel ${c}`).toBeLessThan(1e-9);
        });
        // Each mean is rounded once to float32 (relative error 6e-8); the sum of all of them may be off by as much.
        const means = meanFeatures(voxels);
        const magnitude = sums(means.map(Math.abs));
        sums(means).forEach((sum, c) => {
          const error = Math.abs(sum - truth.meanFeatureSum[c]) / magnitude[c];
          expect(error, `${name} sum of means of channel ${c}`).toBeLessThan(6e-8);
        });
      }
    });
  }
});
