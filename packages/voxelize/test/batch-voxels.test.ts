import { describe, expect, it } from "vitest";
import { batchPillars, batchVoxels, type PillarPoints, type VoxelFeatures } from "../src/index.js";

const cloud = (values: number[], coords: number[], counts: number[]): VoxelFeatures => ({
  features: Float32Array.from(values),
  coords: Int32Array.from(coords),
  counts: Int32Array.from(counts),
});

describe("batchVoxels", () => {
  it("by hand: two voxels, an empty cloud, one voxel", () => {
    const batch = batchVoxels([
      cloud([1, 2, 3, 4], [0, 1, 2, 3, 4, 5], [1, 2]),
      cloud([], [], []),
      cloud([5, 6], [6, 7, 8], [3]),
    ]);
    expect([...batch.features]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...batch.coords]).toEqual([0, 0, 1, 2, 0, 3, 4, 5, 2, 6, 7, 8]);
    expect([...batch.counts]).toEqual([1, 2, 3]);
    expect(batch.batchSize).toBe(3);
  });

  it("takes no clouds and clouds without voxels", () => {
    expect(batchVoxels([])).toMatchObject({ batchSize: 0, coords: new Int32Array(0) });
    expect(batchVoxels([cloud([], [], [])])).toMatchObject({ batchSize: 1, features: new Float32Array(0) });
  });

  it("refuses clouds that do not fit", () => {
    expect(() => batchVoxels([cloud([1], [0, 0], [1])])).toThrow(
      "batchVoxels: expected [1, 3] numbers for coords of cloud 0, got 2",
    );
    expect(() => batchVoxels([cloud([1, 2, 3], [0, 0, 0, 0, 0, 0], [1, 1])])).toThrow(
      "batchVoxels: expected a multiple of 2 numbers for features of cloud 0, got 3",
    );
    expect(() => batchVoxels([cloud([1, 2], [0, 0, 0], [1]), cloud([1], [0, 0, 0], [1])])).toThrow(
      "batchVoxels: expected 2 values per voxel, as in the clouds before, for features of cloud 1, got 1",
    );
  });
});

describe("batchPillars", () => {
  const pillars = (values: number[], counts: number[]): PillarPoints => ({
    points: Float32Array.from(values),
    counts: Int32Array.from(counts),
    coords: Int32Array.from(counts.flatMap((_, v) => [0, v, 7])),
  });

  it("by hand: pillars of two points and one, an empty cloud, a pillar of one", () => {
    const batch = batchPillars([pillars([1, 2, 3, 4, 5, 6], [2, 1]), pillars([], []), pillars([7, 8], [1])]);
    expect([...batch.points]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...batch.starts]).toEqual([0, 2, 3, 4]);
    expect([...batch.coords]).toEqual([0, 0, 0, 7, 0, 0, 1, 7, 2, 0, 0, 7]);
    expect(batch.batchSize).toBe(3);
    expect(batchPillars([])).toMatchObject({ batchSize: 0, starts: Int32Array.of(0) });
  });

  it("refuses clouds that do not fit", () => {
    expect(() => batchPillars([pillars([1, 2, 3], [1, 1])])).toThrow(
      "batchPillars: expected a multiple of 2 numbers for points of cloud 0, got 3",
    );
    expect(() => batchPillars([pillars([1, 2], [1]), pillars([1, 2, 3], [1])])).toThrow(
      "batchPillars: expected 2 values per point, as in the clouds before, for points of cloud 1, got 3",
    );
    expect(() => batchPillars([{ ...pillars([1], [1]), coords: new Int32Array(2) }])).toThrow(
      "batchPillars: expected [1, 3] numbers for coords of cloud 0, got 2",
    );
  });
});
