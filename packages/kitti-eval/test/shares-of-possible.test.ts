import { seededRandom } from "test-support";
import { describe, expect, test } from "vitest";
import { type EvaluationObject, evaluateKitti, perfectDetections, sharesOfPossible } from "../src/index.js";

const car = (x: number): EvaluationObject => ({
  ...{ type: "Car", truncated: 0, occluded: 0, alpha: 0, rotationY: 0 },
  ...{ bbox: [600 + 40 * x, 150, 660 + 40 * x, 195], dimensions: [1.5, 1.6, 4], location: [x, 1.7, 20] },
});
const found = (x: number, score: number) => ({ ...car(x), score });

describe("sharesOfPossible", () => {
  test("by hand: of two frames with a car each, one is found", () => {
    const groundTruth = [[car(0)], [car(2)]];
    const detections = [[found(0, 0.9)], []];
    const shares = sharesOfPossible(groundTruth, detections, { rng: seededRandom(1), draws: 400 });
    expect(shares.map(({ class: name, overlap, metric }) => `${name} ${overlap} ${metric}`)).toEqual([
      "car strict bev",
      "car strict 3d",
      "car loose bev",
      "car loose 3d",
    ]);
    for (const share of shares) {
      // a perfect detector has a point of the curve for each car but the first, so 2.5; one car of two is found: none
      expect([share.found, share.possible]).toEqual([0, 2.5]);
      expect(share.draws).toBe(400);
      // draws: both frames the found one (share 100), both the other (0), or as they are (0)
      expect(share.interval).toEqual([0, 100]);
    }
  });

  test("a perfect detector has all, in every draw; frames without objects change nothing but the draws", () => {
    const groundTruth = [[car(0), car(4)], [], [car(2), car(-4), car(7)]];
    const shares = sharesOfPossible(groundTruth, perfectDetections(groundTruth), { rng: seededRandom(2), draws: 300 });
    for (const { share, interval, draws } of shares) {
      expect([share, ...interval]).toEqual([100, 100, 100]);
      // all three of a draw are the empty one: 1 in 27
      expect(Math.abs(draws - 300 * (26 / 27))).toBeLessThan(5 * Math.sqrt(300 * (26 / 27) * (1 / 27)));
    }
  });

  test("found and possible are those of evaluateKitti; the interval holds the share, and is the same again", () => {
    const groundTruth = Array.from({ length: 12 }, (_, i) => [car(i % 5), car(6 + (i % 3))]);
    const detections = groundTruth.map((_, i) => [found((i % 5) + (i % 4) / 8, 0.5 + i / 40), found(-9, i / 20)]);
    const measure = () =>
      sharesOfPossible(groundTruth, detections, { rng: seededRandom(3), draws: 200, level: "hard" });
    const shares = measure();
    const all = evaluateKitti(groundTruth, detections);
    for (const { overlap, metric, found: value, share, interval } of shares) {
      expect(value).toBe(all[overlap].car[metric]?.hard.r40);
      expect(interval[0]).toBeLessThanOrEqual(share);
      expect(interval[1]).toBeGreaterThanOrEqual(share);
    }
    expect(shares.some(({ interval: [low, high] }) => low < high)).toBe(true);
    expect(measure()).toEqual(shares);
  });

  test("refuses no draws, and frames that do not fit each other", () => {
    expect(() => sharesOfPossible([], [], { rng: Math.random, draws: 0 })).toThrow("from 1 for draws, got 0");
    expect(() => sharesOfPossible([[]], [], { rng: Math.random })).toThrow("as many frames for detections");
    expect(sharesOfPossible([[]], [[]], { rng: Math.random, draws: 3 })).toEqual([]);
  });
});
