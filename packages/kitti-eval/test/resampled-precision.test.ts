import { describe, expect, it } from "vitest";
import { type EvaluationObject, evaluateKitti, type PrecisionOptions, resampledPrecision } from "../src/index.js";
import { randomFrames, seededRandom } from "./random-frames.js";

const CELLS: readonly PrecisionOptions[] = [
  { class: "car", level: "moderate", metric: "3d" },
  { class: "car", level: "hard", metric: "3d", overlap: "loose" },
  { class: "pedestrian", level: "moderate", metric: "bev" },
  { class: "cyclist", level: "easy", metric: "2d" },
];

/** The official evaluation of frames that are there as often as they count. */
function official(
  groundTruth: readonly (readonly EvaluationObject[])[],
  detections: readonly (readonly EvaluationObject[])[],
  counts: readonly number[],
  { class: name, level, metric, overlap = "strict" }: PrecisionOptions,
) {
  const repeated = <T>(frames: readonly T[]) => frames.flatMap((frame, i) => new Array<T>(counts[i]).fill(frame));
  const result = evaluateKitti(repeated(groundTruth), repeated(detections));
  const levels = overlap === "loose" ? result.loose[name][metric as "3d"] : result.strict[name][metric];
  return levels![level];
}

describe("resampledPrecision", () => {
  it.each([1, 2, 3, 4])(
    "is the official evaluation of the frames as often as they count, bit for bit (seed %i)",
    (seed) => {
      const { groundTruth, detections } = randomFrames(seed, 30);
      const rng = seededRandom(100 + seed);
      const draw = () => {
        const counts = new Array<number>(30).fill(0);
        for (let i = 0; i < 30; i++) counts[Math.floor(rng() * 30)] += 1;
        return counts;
      };
      for (const cell of CELLS) {
        const precision = resampledPrecision(groundTruth, detections, cell);
        for (const counts of [new Array<number>(30).fill(1), draw(), draw()]) {
          expect(precision(counts), JSON.stringify(cell)).toEqual(official(groundTruth, detections, counts, cell));
        }
      }
    },
  );

  it("by hand: a frame that counts nothing takes its missed car away", () => {
    const car = (left: number, more: object = {}): EvaluationObject => ({
      type: "Car",
      truncated: 0,
      occluded: 0,
      alpha: 0,
      bbox: [left, 100, left + 80, 150],
      dimensions: [1.5, 1.6, 4],
      location: [0, 1.6, 20],
      rotationY: 0,
      ...more,
    });
    const precision = resampledPrecision([[car(0)], [car(0)]], [[car(0, { score: 0.9 })], []], {
      class: "car",
      level: "moderate",
      metric: "3d",
    });
    // One object alone: one threshold, at recall 1, which is point 0 of the curve; R40 begins at point 1.
    expect(precision([1, 0]).curve.slice(0, 2)).toEqual([1, 0]);
    // Forty found and none missed: every point but the last of 41 has a threshold.
    expect(precision([40, 0]).r40).toBeGreaterThan(95);
    // As many missed: recall ends at one half.
    expect(precision([40, 40]).r40).toBeCloseTo(50, 0);
  });

  it("refuses counts of other frames, and frames that do not belong together", () => {
    const cell = CELLS[0];
    expect(() => resampledPrecision([[]], [[]], cell)([1, 1])).toThrow("resampledPrecision: expected 1 counts, got 2");
    expect(() => resampledPrecision([[]], [], cell)).toThrow(
      "resampledPrecision: expected as many frames for detections as for groundTruth (1), got 0",
    );
    for (const count of [-1, 0.5, Number.NaN]) {
      expect(() => resampledPrecision([[], []], [[], []], cell)([1, count])).toThrow(
        `resampledPrecision: expected a whole number of at least 0 for counts[1], got ${count}`,
      );
    }
  });

  it("refuses a class as labels spell it, and other options that there are not", () => {
    const refused = (change: object) => () => resampledPrecision([[]], [[]], { ...CELLS[0], ...change });
    expect(refused({ class: "Car" })).toThrow(
      "resampledPrecision: expected one of car, pedestrian, cyclist for class, got Car",
    );
    expect(refused({ level: "medium" })).toThrow("expected one of easy, moderate, hard for level, got medium");
    expect(refused({ metric: "3D" })).toThrow("expected one of 2d, bev, 3d for metric, got 3D");
    expect(refused({ overlap: "tight" })).toThrow("expected one of strict, loose for overlap, got tight");
  });
});
