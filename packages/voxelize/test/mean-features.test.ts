import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { meanFeatures, voxelize } from "../src/index.js";
import { dictionaryVoxelize } from "./oracle/dictionary-voxelize.js";
import { randomCloud } from "./random.js";

describe("meanFeatures", () => {
  it("by hand: (1 + 2) / 2 and (3 + 5) / 2, then a voxel of one point", () => {
    const means = meanFeatures({
      points: Float32Array.of(1, 3, 2, 5, 7, 9, 0, 0),
      counts: Int32Array.of(2, 1),
      maxPointsPerVoxel: 2,
      channels: 2,
    });
    expect([...means]).toEqual([1.5, 4, 7, 9]);
  });

  it("adds in float64: 2^24 + 1 + 1 survives", () => {
    const means = meanFeatures({
      points: Float32Array.of(2 ** 24, 1, 1, 0),
      counts: Int32Array.of(3),
      maxPointsPerVoxel: 4,
      channels: 1,
    });
    expect(means[0]).toBe(Math.fround((2 ** 24 + 2) / 3));
  });

  it("an empty voxel is zero, no voxel is no feature", () => {
    const empty = { points: new Float32Array(6), counts: Int32Array.of(0), maxPointsPerVoxel: 2, channels: 3 };
    expect([...meanFeatures(empty)]).toEqual([0, 0, 0]);
    expect(meanFeatures({ ...empty, points: new Float32Array(0), counts: new Int32Array(0) }).length).toBe(0);
  });

  it.each([1, 2, 3])("equals the mean over the dictionary's points, seed %i", (seed) => {
    const range = [0, 0, 0, 5, 5, 2] as const;
    const points = randomCloud(seededRandom(seed), 2000, range);
    const voxels = voxelize(points, { range, voxelSize: [0.5, 0.5, 0.5], maxPointsPerVoxel: 7, maxVoxels: 300 });
    const rows = Array.from({ length: 2000 }, (_, i) => [...points.subarray(4 * i, 4 * i + 4)]);
    const { cells } = dictionaryVoxelize(rows, range, [0.5, 0.5, 0.5], 7, 300);
    const means = cells.flatMap(({ points: kept }) =>
      [0, 1, 2, 3].map((c) => Math.fround(kept.map((row) => row[c]).reduce((a, b) => a + b) / kept.length)),
    );
    expect([...meanFeatures(voxels)]).toEqual(means);
  });

  it("refuses arrays that do not belong together", () => {
    const wrong = { points: new Float32Array(7), counts: Int32Array.of(1), maxPointsPerVoxel: 2, channels: 3 };
    expect(() => meanFeatures(wrong)).toThrow("meanFeatures: expected [1, 2, 3] = 6 numbers for points, got 7");
    const count = { ...wrong, points: new Float32Array(6), counts: Int32Array.of(3) };
    expect(() => meanFeatures(count)).toThrow("meanFeatures: expected counts of 0..2, got 3 for voxel 0");
  });
});
