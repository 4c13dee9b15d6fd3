import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { augmentScan, changeReturns } from "../src/index.js";
import { randomScene, SEEDS } from "./scenes.js";

describe("changeReturns", () => {
  it("leaves everything as it is by default", () => {
    const scene = randomScene(1);
    expect(changeReturns(scene, { rng: seededRandom(1) })).toEqual(scene);
  });

  it("by hand: half the share drawn, readings doubled but no more than 1", () => {
    const scan = {
      points: Float32Array.of(1, 0, 0, 0.25, 2, 0, 0, 0.75, 3, 0, 0, 0.5),
      boxes: Float64Array.of(2, 0, 0, 1, 1, 1, 0),
      labels: Int32Array.of(0),
    };
    // share 0.5 · 0.8, not dark, factor 2; then one number a point: the second is below 0.4 and goes
    const numbers = [0.5, 0.9, 0.5, 0.7, 0.3, 0.4].values();
    const rng = () => numbers.next().value as number;
    const changed = changeReturns(scan, { lost: 0.8, withoutIntensity: 0.5, intensityScaling: [1, 3], rng });
    expect([...changed.points]).toEqual([1, 0, 0, 0.5, 3, 0, 0, 1]);
    expect(changed.boxes).toBe(scan.boxes);
    expect(scan.points[3]).toBe(0.25);
  });

  it.each(SEEDS)("loses between nothing and the largest share, and darkens as often as asked, seed %i", (seed) => {
    const rng = seededRandom(seed);
    const scene = randomScene(seed);
    const before = scene.points.length / 4;
    const changes = Array.from({ length: 200 }, () => changeReturns(scene, { lost: 0.5, withoutIntensity: 0.3, rng }));
    const kept = changes.map(({ points }) => points.length / 4 / before);
    expect(Math.max(...kept)).toBeGreaterThan(0.95);
    expect(Math.min(...kept)).toBeLessThan(0.6);
    expect(Math.min(...kept)).toBeGreaterThan(0.35); // five deviations of a share of some hundred points
    const dark = changes.filter(({ points }) => points.every((value, i) => i % 4 < 3 || value === 0)).length;
    expect(Math.abs(dark - 60)).toBeLessThan(5 * Math.sqrt(200 * 0.3 * 0.7));
  });

  it("has its place in the chain", () => {
    const scene = randomScene(3);
    const range = [-200, -200, -50, 200, 200, 50] as const;
    const { points } = augmentScan(scene, { returns: { withoutIntensity: 1 }, range }, seededRandom(5));
    expect(points.length).toBeGreaterThan(0);
    expect(points.every((value, i) => i % 4 < 3 || value === 0)).toBe(true);
  });

  it("refuses settings out of range", () => {
    const change = (options: object) => () => changeReturns(randomScene(1), { rng: Math.random, ...options });
    expect(change({ lost: 1.5 })).toThrow("changeReturns: expected 0..1 for lost, got 1.5");
    expect(change({ withoutIntensity: Number.NaN })).toThrow("0..1 for withoutIntensity, got NaN");
    expect(change({ intensityScaling: [2, 1] })).toThrow("for intensityScaling, got [2, 1]");
  });
});
