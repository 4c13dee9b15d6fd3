import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { evaluateKitti, groundOverlap, imageOverlap, type LevelResult, spaceOverlap } from "../src/index.js";
import { AP_TOLERANCE, CURVE_TOLERANCE } from "./expect-evaluation.js";
import { type Curve, naiveCurves, naiveOverlap } from "./oracle/naive-evaluation.js";
import { randomFrames, randomObject } from "./random-frames.js";

const LIMITS = {
  strict: { car: 0.7, pedestrian: 0.5, cyclist: 0.5 },
  loose: { car: 0.5, pedestrian: 0.25, cyclist: 0.25 },
} as const;

function expectSame(actual: LevelResult | undefined, expected: Curve, where: string): void {
  expect(actual, where).toBeDefined();
  expect(actual?.curve.length, where).toBe(41);
  expected.curve.forEach((value, i) => {
    const got = actual?.curve[i] as number;
    const same = Object.is(got, value) || Math.abs(got - value) <= CURVE_TOLERANCE;
    if (!same) expect.fail(`${where} curve[${i}]: expected ${value}, got ${got}`);
  });
  if (Number.isNaN(expected.r40)) return;
  expect(Math.abs((actual?.r11 as number) - expected.r11), where).toBeLessThanOrEqual(AP_TOLERANCE);
  expect(Math.abs((actual?.r40 as number) - expected.r40), where).toBeLessThanOrEqual(AP_TOLERANCE);
}

describe("against an evaluator written straight from the rules", () => {
  it.each([
    [1, 3, 2],
    [2, 8, 4],
    [3, 25, 6],
    [4, 12, 12],
    [5, 30, 9],
  ])("seed %i, %i frames of up to %i objects", (seed, frameCount, objectsPerFrame) => {
    const { groundTruth, detections } = randomFrames(seed, frameCount, objectsPerFrame);
    const result = evaluateKitti(groundTruth, detections);
    let compared = 0;
    for (const className of ["car", "pedestrian", "cyclist"] as const) {
      for (const overlap of ["strict", "loose"] as const) {
        for (const metric of ["2d", "bev", "3d"] as const) {
          if (overlap === "loose" && metric === "2d") continue;
          for (const level of ["easy", "moderate", "hard"] as const) {
            const limit = LIMITS[overlap][className];
            const where = `seed ${seed} ${overlap} ${className} ${metric} ${level}`;
            const { ap, aos } = naiveCurves(groundTruth, detections, { className, metric, level, limit });
            const levels = metric === "2d" ? result.strict[className]["2d"] : result[overlap][className][metric];
            if (levels === null) continue;
            expectSame(levels[level], ap, where);
            if (metric === "2d") expectSame(result.strict[className].aos?.[level], aos, `${where} aos`);
            compared++;
          }
        }
      }
    }
    expect(compared).toBeGreaterThan(14);
  });
});

describe("overlaps against another method", () => {
  it("agrees on 20000 random pairs", () => {
    const rng = seededRandom(11);
    let touching = 0;
    for (let i = 0; i < 20000; i++) {
      const a = randomObject(rng);
      const b = { ...randomObject(rng), location: Array.from(a.location, (value) => value + (rng() - 0.5) * 4) };
      expect(Math.abs(imageOverlap(a, b) - naiveOverlap(a, b, "2d"))).toBeLessThanOrEqual(1e-14);
      // the oracle counts points within 1e-9 m of a side as inside it
      expect(Math.abs(groundOverlap(a, b) - naiveOverlap(a, b, "bev"))).toBeLessThanOrEqual(1e-8);
      expect(Math.abs(spaceOverlap(a, b) - naiveOverlap(a, b, "3d"))).toBeLessThanOrEqual(1e-8);
      if (groundOverlap(a, b) > 0) touching++;
    }
    expect(touching).toBeGreaterThan(5000);
  });
});
