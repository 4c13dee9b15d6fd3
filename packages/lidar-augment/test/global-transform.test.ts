import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { boxOfEachPoint, drawGlobalTransform, type GlobalTransform, transformScan } from "../src/index.js";
import { randomScene, SEEDS } from "./scenes.js";

const NOTHING: GlobalTransform = { mirrored: false, angle: 0, factor: 1, offset: [0, 0, 0], slope: [0, 0] };

describe("transformScan", () => {
  it("by hand: mirror, then a quarter turn, then twice the size, then a move, then a slope", () => {
    const scan = {
      points: Float32Array.of(3, 1, 0.5, 0.9),
      boxes: Float64Array.of(3, 1, 0.5, 4, 2, 1.5, 0.25),
      labels: Int32Array.of(7),
    };
    const result = transformScan(scan, {
      ...{ mirrored: true, angle: Math.PI / 2, factor: 2, offset: [10, 20, 30], slope: [0.25, -0.5] },
    });
    // (3, 1) → (3, -1) → (1, 3) → (2, 6) → (12, 26), and up by 12/4 - 26/2 = -10
    expect(result.points[0]).toBeCloseTo(12, 6);
    expect(result.points[1]).toBeCloseTo(26, 6);
    expect(result.points[2]).toBe(21);
    expect(result.points[3]).toBe(scan.points[3]);
    expect([...result.boxes.subarray(2, 6)]).toEqual([21, 8, 4, 3]);
    expect(result.boxes[6]).toBeCloseTo(Math.PI / 2 - 0.25, 12);
  });

  it.each(SEEDS)("points stay in their boxes, seed %i", (seed) => {
    const scene = randomScene(seed);
    const ranges = { mirror: 0.5, rotation: Math.PI / 4, scaling: [0.95, 1.05] as const, translation: 0.2 };
    const result = transformScan(scene, drawGlobalTransform(ranges, seededRandom(seed)));
    const owners = boxOfEachPoint(scene.points, scene.boxes);
    const after = boxOfEachPoint(result.points, result.boxes);
    // those placed inside lie a hundredth of a box from its faces; background may lie on one
    expect([...after.subarray(0, 120)]).toEqual([...owners.subarray(0, 120)]);
    expect(after.filter((owner) => owner >= 0).length).toBeGreaterThanOrEqual(120);
  });

  it.each(SEEDS)("a slope moves everything up and down alone, and its opposite brings it back, seed %i", (seed) => {
    const scene = randomScene(seed);
    const { slope } = drawGlobalTransform({ slope: 0.02 }, seededRandom(seed));
    const there = transformScan(scene, { ...NOTHING, slope });
    for (let at = 0; at < scene.boxes.length; at += 7) {
      const [x, y, z, ...rest] = scene.boxes.subarray(at, at + 7);
      const [risenX, risenY, risenZ, ...same] = there.boxes.subarray(at, at + 7);
      expect([risenX, risenY, ...same]).toEqual([x, y, ...rest]);
      expect(risenZ).toBeCloseTo(z + slope[0] * x + slope[1] * y, 12);
    }
    const back = transformScan(there, { ...NOTHING, slope: [-slope[0], -slope[1]] });
    // two float32 roundings of heights of a few metres
    back.points.forEach((value, i) => {
      expect(Math.abs(value - scene.points[i])).toBeLessThan(4e-6);
    });
  });

  it.each(SEEDS)("there and back is where it was, seed %i", (seed) => {
    const scene = randomScene(seed);
    const { angle, factor } = drawGlobalTransform({ rotation: 3, scaling: [0.5, 2] }, seededRandom(seed));
    const there = transformScan(scene, { ...NOTHING, angle, factor });
    const back = transformScan(there, { ...NOTHING, angle: -angle, factor: 1 / factor });
    // two float32 roundings of coordinates up to 80 m
    back.points.forEach((value, i) => {
      expect(Math.abs(value - scene.points[i])).toBeLessThan(4e-5);
    });
    back.boxes.forEach((value, i) => {
      expect(Math.abs(value - scene.boxes[i])).toBeLessThan(1e-11);
    });
    const twice = transformScan(transformScan(scene, { ...NOTHING, mirrored: true }), { ...NOTHING, mirrored: true });
    expect(twice).toEqual(scene);
  });

  it("keeps yaws in [-π, π)", () => {
    const scan = { points: new Float32Array(0), boxes: Float64Array.of(0, 0, 0, 1, 1, 1, 3), labels: Int32Array.of(0) };
    expect(transformScan(scan, { ...NOTHING, angle: 1 }).boxes[6]).toBeCloseTo(4 - 2 * Math.PI, 12);
    scan.boxes[6] = -Math.PI;
    expect(transformScan(scan, { ...NOTHING, mirrored: true }).boxes[6]).toBe(-Math.PI);
  });

  it("refuses a factor that is not positive", () => {
    for (const factor of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => transformScan(randomScene(1), { ...NOTHING, factor })).toThrow("positive number for factor");
    }
  });
});

describe("drawGlobalTransform", () => {
  it("leaves everything as it is by default", () => {
    const { offset, ...rest } = drawGlobalTransform({}, seededRandom(1));
    expect({ ...rest, angle: Math.abs(rest.angle), offset: offset.map(Math.abs) }).toEqual({ ...NOTHING });
  });

  it("stays in its ranges, reaches their ends, and draws each by itself", () => {
    const rng = seededRandom(9);
    const draws = Array.from({ length: 2000 }, () =>
      drawGlobalTransform({ mirror: 0.5, rotation: 0.5, scaling: [0.9, 1.2], translation: 0.2 }, rng),
    );
    const angles = draws.map(({ angle }) => angle);
    const factors = draws.map(({ factor }) => factor);
    expect(Math.max(...angles.map(Math.abs))).toBeLessThanOrEqual(0.5);
    expect(Math.max(...angles)).toBeGreaterThan(0.49);
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.9);
    expect(Math.max(...factors)).toBeGreaterThan(1.19);
    const mirrored = draws.filter((draw) => draw.mirrored).length;
    expect(Math.abs(mirrored - 1000)).toBeLessThan(5 * Math.sqrt(500)); // five standard deviations
    const moves = draws.flatMap(({ offset }) => offset);
    const deviation = Math.sqrt(moves.reduce((sum, x) => sum + x * x, 0) / moves.length);
    expect(Math.abs(deviation / 0.2 - 1)).toBeLessThan(0.05);
    const triple = drawGlobalTransform({ translation: [3, 0, 1] }, seededRandom(4)).offset;
    const single = drawGlobalTransform({ translation: 1 }, seededRandom(4)).offset;
    expect(triple).toEqual([3 * single[0], 0 * single[1], single[2]]);
    const [one] = [drawGlobalTransform({ mirror: 1, rotation: 0.3 }, seededRandom(4))];
    expect(drawGlobalTransform({ rotation: 0.3, translation: 9 }, seededRandom(4)).angle).toBe(one.angle);
  });

  it("draws slopes along x and y of the deviation asked for, and takes no number where none is asked for", () => {
    const rng = seededRandom(5);
    const slopes = Array.from({ length: 2000 }, () => drawGlobalTransform({ slope: 0.012 }, rng).slope).flat();
    const deviation = Math.sqrt(slopes.reduce((sum, x) => sum + x * x, 0) / slopes.length);
    expect(Math.abs(deviation / 0.012 - 1)).toBeLessThan(0.05);
    const [plain, sloped] = [seededRandom(6), seededRandom(6)];
    const without = drawGlobalTransform({ translation: 0.2 }, plain);
    const { slope, ...others } = drawGlobalTransform({ translation: 0.2, slope: 0 }, sloped);
    expect(without).toEqual({ ...others, slope: [0, 0] });
    expect(slope.map(Math.abs)).toEqual([0, 0]);
    expect(plain()).not.toBe(sloped());
  });
});
