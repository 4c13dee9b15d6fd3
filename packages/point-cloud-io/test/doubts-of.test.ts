import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { goldenMissing, goldenPath, itUnless, seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { doubtsOf, guessColumns, readPointCloud } from "../src/index.js";

const columns = ["x", "y", "z", "intensity"];

/** A street: points within 40 m, z near the ground, intensity 0..1; rings if there are five columns. */
function street(width: number, rows = 3000): Float32Array {
  const rng = seededRandom(1);
  const row = () => [80 * rng() - 40, 40 * rng() - 20, 2 * rng() - 1.8, rng(), Math.floor(32 * rng()), rng() / 10];
  return Float32Array.from(Array.from({ length: rows }, () => row().slice(0, width)).flat());
}
const bytesOf = (numbers: Float32Array | Float64Array) => new Uint8Array(numbers.buffer.slice(0));

describe("doubtsOf", () => {
  it("has none about a street", () => {
    expect(doubtsOf({ points: street(4), columns })).toEqual([]);
    expect(doubtsOf({ points: street(3), columns: columns.slice(0, 3) })).toEqual([]);
  });

  it.each<[string, (points: Float32Array) => void, RegExp]>([
    ["a far point", (points) => points.set([1e19], 4), /^coordinates reach x = 10000000000000000000 m, beyond 1000 m/],
    ["an intensity to 255", (points) => points.set([255], 3), /^intensity goes up to 255, .*: divide by 255$/],
    ["an intensity to 300", (points) => points.set([300], 3), /divide by 65535$/],
    ["a negative intensity", (points) => points.set([-1], 3), /^intensity goes down to -1,/],
    [
      "one z",
      (points) =>
        points.forEach((_, i) => {
          if (i % 4 === 2) points[i] = 2;
        }),
      /^all points have z = 2$/,
    ],
    ["one point", (points) => points.fill(1, 0, points.length - 400), /% of the points are one and the same$/],
  ])("names %s", (_, change, doubt) => {
    const points = street(4);
    change(points);
    expect(doubtsOf({ points, columns })).toEqual([expect.stringMatching(doubt)]);
  });

  it("no points, five columns read as four, float64 read as float32", async () => {
    expect(doubtsOf({ points: new Float32Array(0), columns })).toEqual(["there are no points"]);
    const five = doubtsOf(await readPointCloud(bytesOf(street(5)), { name: "a.bin" }));
    expect(five).toContain("the kinds of numbers repeat after 5, not after 4: does the file have 5 columns?");
    const doubles = await readPointCloud(bytesOf(Float64Array.from(street(4), (value) => value + 1e-9)), {
      name: "a.bin",
    });
    expect(doubtsOf(doubles).join()).toMatch(/coordinates reach .*are smaller than 1e-20/);
  });
});

describe("guessColumns", () => {
  it.each([
    [3, ["x", "y", "z"]],
    [4, columns],
    [5, [...columns, "ring"]],
    [6, [...columns, "ring", "column_6"]],
  ])("tells %i columns, of float32 and of float64", (width, names) => {
    const numbers = street(width);
    expect(guessColumns(bytesOf(numbers), "a.bin")).toEqual({ names, type: "float32" });
    expect(guessColumns(bytesOf(Float64Array.from(numbers)), "a.bin")).toEqual({ names, type: "float64" });
  });

  it("says nothing about noise, few points and nothing", () => {
    const rng = seededRandom(2);
    expect(guessColumns(bytesOf(Float32Array.from({ length: 12_000 }, () => 20 * rng())), "a.bin")).toBeUndefined();
    expect(guessColumns(bytesOf(street(4, 10)), "a.bin")).toBeUndefined();
    expect(guessColumns(new Uint8Array(0), "a.bin")).toBeUndefined();
  });

  itUnless(goldenMissing("lidar-samples", "kitti-mini"), "real scans: five columns of nuScenes, four of KITTI", () => {
    const nuscenes = join(goldenPath("lidar-samples")!, "nuscenes", "points", "000000.bin");
    expect(guessColumns(readFileSync(nuscenes), nuscenes)?.names).toEqual([...columns, "ring"]);
    const kitti = join(goldenPath("kitti-mini")!, "velodyne");
    for (const file of readdirSync(kitti)) {
      const bytes = readFileSync(join(kitti, file));
      expect(guessColumns(bytes, file), file).toEqual({ names: columns, type: "float32" });
      const points = new Float32Array(Uint8Array.from(bytes).buffer);
      expect(doubtsOf({ points, columns }), file).toEqual([]);
    }
  });
});
