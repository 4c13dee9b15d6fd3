import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { type PillarOptions, pillars } from "../src/index.js";
import { dictionaryVoxelize } from "./oracle/dictionary-voxelize.js";
import { randomCloud } from "./random.js";

const options: PillarOptions = {
  range: [0, 0, -1, 4, 4, 1],
  voxelSize: [2, 2, 2],
  maxPointsPerVoxel: 3,
  maxVoxels: 10,
};

describe("pillars", () => {
  it("by hand: two points in the pillar centred at (3, 1)", () => {
    // mean = (2.75, 0.5, 0.25)
    const result = pillars(Float32Array.of(2.5, 0.5, 0.5, 0.9, 3, 0.5, 0, 0.1), options);
    expect(result.channels).toBe(9);
    expect([...result.coords]).toEqual([0, 0, 1]);
    const first = [2.5, 0.5, 0.5, Math.fround(0.9), -0.25, 0, 0.25, -0.5, -0.5];
    const second = [3, 0.5, 0, Math.fround(0.1), 0.25, 0, -0.25, 0, -0.5];
    expect([...result.points]).toEqual([...first, ...second]);
  });

  it("appends the offset from the centre in z on request", () => {
    const result = pillars(Float32Array.of(2.5, 0.5, 0.5, 0.9), { ...options, centreOffsets: 3, maxPointsPerVoxel: 1 });
    expect(result.channels).toBe(10);
    expect([...result.points.subarray(7)]).toEqual([-0.5, -0.5, 0.5]);
  });

  it.each([21, 22])("equals the definition over the dictionary's points, seed %i", (seed) => {
    const range = [0, -39.68, -3, 69.12, 39.68, 1] as const;
    const size = [1.28, 1.28, 4] as const;
    const points = randomCloud(seededRandom(seed), 4000, range);
    const result = pillars(points, { range, voxelSize: size, maxPointsPerVoxel: 4, maxVoxels: 900 });
    const rows = Array.from({ length: 4000 }, (_, i) => [...points.subarray(4 * i, 4 * i + 4)]);
    const { cells, outside, overflow } = dictionaryVoxelize(rows, range, size, 4, 900);
    expect([result.outside, result.overflow]).toEqual([outside, overflow]);
    expect([...result.counts]).toEqual(cells.map((cell) => cell.points.length));
    let at = 0;
    cells.forEach(({ coords, points: kept }) => {
      for (const row of kept) {
        const mean = [0, 1, 2].map((a) => kept.reduce((sum, other) => sum + other[a], 0) / kept.length);
        const centre = [range[0] + (coords[2] + 0.5) * size[0], range[1] + (coords[1] + 0.5) * size[1]];
        const decorated = [...row, ...mean.map((m, a) => row[a] - m), row[0] - centre[0], row[1] - centre[1]];
        expect([...result.points.subarray(at, at + 9)]).toEqual(decorated.map(Math.fround));
        expect(Math.max(Math.abs(decorated[7]), Math.abs(decorated[8]))).toBeLessThan(0.641);
        at += 9;
      }
    });
    expect(result.points.length).toBe(at);
  });

  it("refuses a grid of several layers and other offsets", () => {
    expect(() => pillars(new Float32Array(0), { ...options, voxelSize: [2, 2, 1] })).toThrow(
      "pillars: expected one cell in z for the grid, got 2",
    );
    expect(() => pillars(new Float32Array(0), { ...options, centreOffsets: 1 as unknown as 2 })).toThrow(
      "pillars: expected 2 or 3 for centreOffsets, got 1",
    );
  });
});
