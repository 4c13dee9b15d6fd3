import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import {
  type Evaluation,
  type EvaluationObject,
  evaluateKitti,
  groundOverlap,
  imageOverlap,
  type LevelResult,
  perfectDetections,
  spaceOverlap,
} from "../src/index.js";
import { randomFrames, randomObject } from "./random-frames.js";

/** Every level of every metric, by name. */
function cells(result: Evaluation): Map<string, LevelResult> {
  const out = new Map<string, LevelResult>();
  for (const overlap of ["strict", "loose"] as const) {
    for (const [name, metrics] of Object.entries(result[overlap])) {
      for (const [metric, levels] of Object.entries(metrics)) {
        if (levels === null) continue;
        for (const [level, value] of Object.entries(levels as Record<string, LevelResult>))
          out.set(`${overlap} ${name} ${metric} ${level}`, value);
      }
    }
  }
  return out;
}

function reordered<T>(values: readonly T[], rng: () => number): T[] {
  const keyed = values.map((value) => [rng(), value] as const);
  return keyed.sort((a, b) => a[0] - b[0]).map(([, value]) => value);
}

const SEEDS = [21, 22, 23, 24];

describe("laws of the evaluation", () => {
  it.each(SEEDS)("the order of frames does not matter (seed %i)", (seed) => {
    const { groundTruth, detections } = randomFrames(seed, 20);
    const order = reordered([...groundTruth.keys()], seededRandom(seed + 1000));
    const before = cells(evaluateKitti(groundTruth, detections));
    const after = cells(
      evaluateKitti(
        order.map((f) => groundTruth[f]),
        order.map((f) => detections[f]),
      ),
    );
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [cell, { curve }] of before) {
      // orientation is a sum of cosines in the order of frames; counts are whole numbers
      if (!cell.includes("aos")) expect(after.get(cell)?.curve, cell).toEqual(curve);
      for (let i = 0; i < 41; i++)
        expect(Math.abs((after.get(cell)?.curve[i] as number) - curve[i])).toBeLessThan(1e-13);
    }
  });

  it.each(SEEDS)("any increasing change of the scores changes nothing (seed %i)", (seed) => {
    const { groundTruth, detections } = randomFrames(seed, 20);
    const warped = detections.map((frame) =>
      frame.map((object) => ({ ...object, score: 50 * Math.exp(object.score as number) - 70 })),
    );
    expect(evaluateKitti(groundTruth, warped)).toEqual(evaluateKitti(groundTruth, detections));
  });

  it.each(SEEDS)(
    "a false detection with the lowest score raises nothing, with the highest lowers or keeps (seed %i)",
    (seed) => {
      const { groundTruth, detections } = randomFrames(seed, 20);
      const before = cells(evaluateKitti(groundTruth, detections));
      for (const score of [-1, 2]) {
        const far = { ...randomObject(seededRandom(seed)), bbox: [5000, 0, 5100, 100], location: [900, 1, 900], score };
        const more = detections.map((frame, f) =>
          f === 3 ? [...frame, ...["Car", "Pedestrian", "Cyclist"].map((type) => ({ ...far, type }))] : frame,
        );
        let lowered = 0;
        for (const [cell, value] of cells(evaluateKitti(groundTruth, more))) {
          const old = before.get(cell);
          if (old === undefined || Number.isNaN(old.r40)) continue;
          expect(value.r40, cell).toBeLessThanOrEqual(old.r40 + 1e-12);
          expect(value.r11, cell).toBeLessThanOrEqual(old.r11 + 1e-12);
          if (value.r11 < old.r11) lowered++;
          if (score < 0) expect(value, cell).toEqual(old); // below every threshold
        }
        if (score > 1) expect(lowered).toBeGreaterThan(0);
      }
    },
  );

  it.each(SEEDS)("curves never rise, lie in 0..1, and orientation is at most precision (seed %i)", (seed) => {
    const { groundTruth, detections } = randomFrames(seed, 25);
    const all = cells(evaluateKitti(groundTruth, detections));
    expect(all.size).toBeGreaterThan(20);
    for (const [cell, { curve, r11, r40 }] of all) {
      if (curve.some(Number.isNaN)) continue;
      const precision = all.get(cell.replace("aos", "2d"))?.curve as number[];
      curve.forEach((value, i) => {
        expect(value).toBeGreaterThanOrEqual(curve[i + 1] ?? 0);
        expect(value).toBeLessThanOrEqual(precision[i] + 1e-15);
        expect(value).toBeLessThanOrEqual(1);
      });
      expect(Math.min(r11, r40)).toBeGreaterThanOrEqual(0);
      expect(Math.max(r11, r40)).toBeLessThanOrEqual(100 + 1e-10);
    }
  });

  it.each(SEEDS)("where objects stand apart nothing passes the ceiling (seed %i)", (seed) => {
    const { groundTruth, detections } = randomFrames(seed, 30, 1);
    const result = evaluateKitti(groundTruth, detections);
    const all = cells(result);
    const ceiling = cells(evaluateKitti(groundTruth, perfectDetections(groundTruth)));
    for (const [cell, { r40, r11 }] of all) {
      expect(r40, cell).toBeLessThanOrEqual((ceiling.get(cell)?.r40 ?? 100) + 1e-10);
      expect(r11, cell).toBeLessThanOrEqual((ceiling.get(cell)?.r11 ?? 100) + 1e-10);
    }
  });

  it("does not change what it is given", () => {
    const { groundTruth, detections } = randomFrames(5, 5);
    const copy = structuredClone({ groundTruth, detections });
    evaluateKitti(groundTruth, detections);
    perfectDetections(groundTruth);
    expect({ groundTruth, detections }).toEqual(copy);
  });

  it("a ceiling of n objects has the points that n scores give", () => {
    for (const n of [1, 2, 5, 39, 40, 41, 42, 79, 80, 81, 119, 400]) {
      const objects = Array.from({ length: n }, (_, i) => ({
        ...randomObject(seededRandom(i)),
        type: "Cyclist",
        truncated: 0,
        occluded: 0,
        bbox: [200 * i, 0, 200 * i + 100, 100],
      }));
      const frames: EvaluationObject[][] = objects.map((object) => [object]);
      const easy = evaluateKitti(frames, perfectDetections(frames)).strict.cyclist["2d"]?.easy;
      const points = easy?.curve.filter((value) => value === 1).length;
      expect(points).toBe(Math.min(n, 41));
      expect(easy?.r40).toBeCloseTo(((Math.min(n, 41) - 1) / 40) * 100, 10);
    }
  });
});

describe("laws of overlaps", () => {
  const rng = seededRandom(31);
  const pairs = Array.from({ length: 3000 }, () => {
    const a = randomObject(rng);
    return [
      a,
      { ...randomObject(rng), location: Array.from(a.location, (value) => value + (rng() - 0.5) * 3) },
    ] as const;
  });
  const overlaps = [imageOverlap, groundOverlap, spaceOverlap];

  it("are symmetric, in 0..1, and 1 of a box with itself", () => {
    for (const [a, b] of pairs) {
      for (const overlap of overlaps) {
        const value = overlap(a, b);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(Math.abs(value - overlap(b, a))).toBeLessThan(1e-13);
        expect(Math.abs(overlap(a, a) - 1)).toBeLessThan(1e-14);
      }
      expect(spaceOverlap(a, b)).toBeLessThanOrEqual(1);
    }
  });

  it("do not change when both boxes turn about the same point and move together", () => {
    for (const [a, b] of pairs) {
      const turn = rng() * 6;
      const moved = (box: EvaluationObject): EvaluationObject => ({
        ...box,
        location: [
          Math.cos(turn) * box.location[0] + Math.sin(turn) * box.location[2] + 7,
          box.location[1] - 3,
          -Math.sin(turn) * box.location[0] + Math.cos(turn) * box.location[2] - 5,
        ],
        rotationY: box.rotationY + turn,
      });
      expect(Math.abs(groundOverlap(moved(a), moved(b)) - groundOverlap(a, b))).toBeLessThan(1e-13);
      expect(Math.abs(spaceOverlap(moved(a), moved(b)) - spaceOverlap(a, b))).toBeLessThan(1e-13);
    }
  });

  it("stay right when boxes are almost the same, or differ by a hair in angle", () => {
    for (const [a] of pairs) {
      for (const hair of [1e-16, 1e-13, 1e-9]) {
        const b = {
          ...a,
          rotationY: a.rotationY + hair,
          location: [a.location[0] + hair, a.location[1], a.location[2] - hair],
        };
        expect(Math.abs(groundOverlap(a, b) - 1)).toBeLessThan(20 * hair + 1e-13);
      }
    }
  });
});
