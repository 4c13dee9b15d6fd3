import { describe, expect, it } from "vitest";
import { batchVoxels, type VoxelFeatures } from "../src/index.js";

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
