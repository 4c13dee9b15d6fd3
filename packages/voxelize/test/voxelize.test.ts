import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { type VoxelizeOptions, voxelize } from "../src/index.js";
import { dictionaryVoxelize } from "./oracle/dictionary-voxelize.js";
import { randomCloud } from "./random.js";

/** 4 x 3 x 2 cells of 1 m. */
const small: VoxelizeOptions = {
  range: [0, 0, 0, 4, 3, 2],
  voxelSize: [1, 1, 1],
  maxPointsPerVoxel: 2,
  maxVoxels: 10,
};

function rowsOf(points: Float32Array, channels: number): number[][] {
  return Array.from({ length: points.length / channels }, (_, i) => [
    ...points.subarray(i * channels, (i + 1) * channels),
  ]);
}

describe("voxelize, by hand", () => {
  it("numbers voxels by first appearance, keeps the first points, reports what it left out", () => {
    // cells (x,y,z): (1,2,0) (3,0,1) (1,2,0) (1,2,0: full) and one point beyond x
    const points = Float32Array.of(1.5, 2.5, 0.5, 9, 3, 0, 1, 8, 1, 2, 0, 7, 1.9, 2.9, 0.9, 6, 4, 0, 0, 5);
    const voxels = voxelize(points, small);
    expect([...voxels.coords]).toEqual([0, 2, 1, 1, 0, 3]);
    expect([...voxels.counts]).toEqual([2, 1]);
    expect([...voxels.points]).toEqual([1.5, 2.5, 0.5, 9, 1, 2, 0, 7, 3, 0, 1, 8, 0, 0, 0, 0]);
    expect(voxels).toMatchObject({ outside: 1, overflow: 1, maxPointsPerVoxel: 2, channels: 4 });
  });

  it("refuses new voxels at the limit and goes on filling the open ones", () => {
    const points = Float32Array.of(0, 0, 0, 1, 1, 0, 0, 2, 0, 0, 0, 3);
    const voxels = voxelize(points, { ...small, maxVoxels: 1 });
    expect([...voxels.coords]).toEqual([0, 0, 0]);
    expect([...voxels.points]).toEqual([0, 0, 0, 1, 0, 0, 0, 3]);
    expect(voxels.overflow).toBe(1);
  });

  it("includes lower and excludes upper bounds", () => {
    const below = -1e-7;
    const above = Math.fround(4 - 2.5e-7); // the float32 below 4
    const points = Float32Array.of(0, 0, 0, 1, 4, 0, 0, 2, below, 0, 0, 3, above, 0, 0, 4, 0, 3, 0, 5, 0, 0, 2, 6);
    const voxels = voxelize(points, small);
    expect([...voxels.coords]).toEqual([0, 0, 0, 0, 0, 3]);
    expect(voxels.outside).toBe(4);
  });

  it.each([
    [-27.1, 258, "float64 arithmetic with decimal constants says 257"],
    [-31.85, 162, "a float32 reciprocal says 163"],
  ])("divides in float32: y %f on a face belongs to cell %i; %s", (y, cell) => {
    const voxels = voxelize(Float32Array.of(0, y, 0, 0), {
      range: [0, -40, -3, 70.4, 40, 1],
      voxelSize: [0.05, 0.05, 0.1],
      maxPointsPerVoxel: 1,
      maxVoxels: 1,
    });
    expect(voxels.coords[1]).toBe(cell);
  });

  it("counts NaN and infinite coordinates as outside, and copies a NaN feature", () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    const points = Float32Array.of(nan, 0, 0, 1, 0, nan, 0, 1, 0, 0, nan, 1, inf, 0, 0, 1, 0, -inf, 0, 1, 0, 0, 0, nan);
    const voxels = voxelize(points, small);
    expect(voxels.outside).toBe(5);
    expect([...voxels.points.subarray(0, 4)]).toEqual([0, 0, 0, nan]);
  });

  it("takes no points, no voxels and other strides", () => {
    const none = voxelize(new Float32Array(0), small);
    expect([none.points.length, none.counts.length, none.coords.length, none.outside]).toEqual([0, 0, 0, 0]);
    const refused = voxelize(Float32Array.of(0, 0, 0, 1), { ...small, maxVoxels: 0 });
    expect([refused.counts.length, refused.overflow]).toEqual([0, 1]);
    const xyz = voxelize(Float32Array.of(0, 0, 0, 3, 2, 1), { ...small, pointStride: 3, maxPointsPerVoxel: 1 });
    expect([...xyz.points]).toEqual([0, 0, 0, 3, 2, 1]);
    expect(xyz.channels).toBe(3);
  });
});

describe("voxelize against a dictionary", () => {
  const cases = [
    { n: 1, range: [0, 0, 0, 4, 3, 2], size: [1, 1, 1], maxPoints: 1, maxVoxels: 1 },
    { n: 500, range: [-2, -1, 0, 2, 1, 1], size: [0.3, 0.07, 0.25], maxPoints: 3, maxVoxels: 100 },
    { n: 500, range: [-2, -1, 0, 2, 1, 1], size: [0.3, 0.07, 1], maxPoints: 40, maxVoxels: Number.POSITIVE_INFINITY },
    { n: 5000, range: [0, -40, -3, 70.4, 40, 1], size: [0.05, 0.05, 0.1], maxPoints: 5, maxVoxels: 40000 },
    { n: 5000, range: [0, -39.68, -3, 69.12, 39.68, 1], size: [0.16, 0.16, 4], maxPoints: 32, maxVoxels: 700 },
    { n: 3000, range: [0, 0, 0, 1e5, 1e3, 1], size: [1, 1, 1], maxPoints: 2, maxVoxels: 2999 },
  ];
  it.each(cases)("$n points into $size over $range", ({ n, range, size, maxPoints, maxVoxels }) => {
    for (let seed = 1; seed <= 3; seed++) {
      const points = randomCloud(seededRandom(seed), n, range);
      const options = {
        range: range as unknown as VoxelizeOptions["range"],
        voxelSize: size as unknown as VoxelizeOptions["voxelSize"],
        maxPointsPerVoxel: maxPoints,
        maxVoxels,
      };
      const voxels = voxelize(points, options);
      const truth = dictionaryVoxelize(rowsOf(points, 4), range, size, maxPoints, maxVoxels);
      expect([...voxels.coords], `seed ${seed}`).toEqual(truth.cells.flatMap((cell) => cell.coords));
      expect([...voxels.counts], `seed ${seed}`).toEqual(truth.cells.map((cell) => cell.points.length));
      const padded = truth.cells.flatMap(({ points: kept }) => [
        ...kept.flat(),
        ...new Array((maxPoints - kept.length) * 4).fill(0),
      ]);
      expect([...voxels.points], `seed ${seed}`).toEqual(padded);
      expect([voxels.outside, voxels.overflow], `seed ${seed}`).toEqual([truth.outside, truth.overflow]);
    }
  });
});

describe("voxelize, laws", () => {
  const range = [-3, -3, -1, 3, 3, 1] as const;
  const options: VoxelizeOptions = {
    range,
    voxelSize: [0.25, 0.5, 0.125],
    maxPointsPerVoxel: 1000,
    maxVoxels: Number.POSITIVE_INFINITY,
  };
  const seeds = [11, 12, 13];

  it.each(seeds)("a permutation of the points permutes the voxels and their points, seed %i", (seed) => {
    const rng = seededRandom(seed);
    const points = randomCloud(rng, 800, range);
    const rows = rowsOf(points, 4);
    for (let i = rows.length - 1; i > 0; i--) {
      const j = Math.floor(rng() * (i + 1));
      [rows[i], rows[j]] = [rows[j], rows[i]];
    }
    const asSet = (cloud: Float32Array): string[] => {
      const { coords, counts, points: kept } = voxelize(cloud, options);
      return Array.from(counts, (count, v) => {
        const members = rowsOf(kept.subarray(v * 4000, v * 4000 + count * 4), 4).map(String);
        return `${coords.subarray(3 * v, 3 * v + 3)}: ${members.sort().join(" ")}`;
      }).sort();
    };
    expect(asSet(Float32Array.from(rows.flat()))).toEqual(asSet(points));
  });

  it.each(seeds)("every point is kept, overflowed or outside, seed %i", (seed) => {
    const points = randomCloud(seededRandom(seed), 3000, range);
    const voxels = voxelize(points, { ...options, maxPointsPerVoxel: 2, maxVoxels: 500 });
    const kept = voxels.counts.reduce((sum, count) => sum + count, 0);
    expect(kept + voxels.overflow + voxels.outside).toBe(3000);
    expect(voxels.counts.every((count) => count >= 1 && count <= 2)).toBe(true);
    expect(voxels.overflow).toBeGreaterThan(0);
  });

  it.each(seeds)("moving points and range together by a power of two moves nothing, seed %i", (seed) => {
    const rng = seededRandom(seed);
    const points = Float32Array.from({ length: 4000 }, () => Math.floor(rng() * 1536) / 256 - 3);
    const moved = points.map((value, i) => (i % 4 === 0 ? value + 64 : value));
    const shifted: VoxelizeOptions = { ...options, range: [61, -3, -1, 67, 3, 1] };
    expect(voxelize(moved, shifted).coords).toEqual(voxelize(points, options).coords);
  });

  it.each(seeds)("a limit on voxels gives the first voxels of the unlimited result, seed %i", (seed) => {
    const points = randomCloud(seededRandom(seed), 2000, range);
    const all = voxelize(points, options);
    for (const maxVoxels of [0, 1, 255, 256, 257]) {
      const some = voxelize(points, { ...options, maxVoxels });
      expect(some.coords).toEqual(all.coords.slice(0, 3 * maxVoxels));
      expect(some.counts).toEqual(all.counts.slice(0, maxVoxels));
    }
  });

  it("does not change its input", () => {
    const points = randomCloud(seededRandom(5), 200, range);
    const copy = points.slice();
    voxelize(points, options);
    expect(points).toEqual(copy);
  });
});

describe("voxelize, wrong arguments", () => {
  const points = new Float32Array(8);
  const bad = (change: Partial<VoxelizeOptions>) => () => voxelize(points, { ...small, ...change });
  it.each([
    [bad({ maxPointsPerVoxel: 0 }), RangeError, "voxelize: expected an integer >= 1 for maxPointsPerVoxel, got 0"],
    [bad({ maxPointsPerVoxel: 1.5 }), RangeError, "for maxPointsPerVoxel, got 1.5"],
    [bad({ maxVoxels: -1 }), RangeError, "voxelize: expected an integer >= 0 or Infinity for maxVoxels, got -1"],
    [bad({ maxVoxels: Number.NaN }), RangeError, "for maxVoxels, got NaN"],
    [bad({ pointStride: 2 }), RangeError, "voxelize: expected an integer >= 3 for pointStride, got 2"],
    [
      bad({ pointStride: 5 }),
      RangeError,
      "voxelize: expected a multiple of pointStride 5 for the length of points, got 8",
    ],
    [bad({ maxPointsPerVoxel: 2 ** 30 }), RangeError, "lower maxPointsPerVoxel or maxVoxels"],
    [() => voxelize([0, 0, 0, 0] as unknown as Float32Array, small), TypeError, "expected a Float32Array for points"],
    [() => voxelize(new Float64Array(4) as unknown as Float32Array, small), TypeError, "got [object Float64Array]"],
  ])("%#", (call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});
