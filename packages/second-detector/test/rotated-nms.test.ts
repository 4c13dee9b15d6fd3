import { seededRandom } from "test-support";
import { describe, expect, test } from "vitest";
import { rotatedNms } from "../src/index.js";
import { nmsOracle } from "./oracle/polygons.js";

function randomScene(seed: number, size: number) {
  const rng = seededRandom(seed);
  const boxes = Array.from({ length: size }, () => [
    20 * rng(),
    20 * rng(),
    0,
    1 + 3 * rng(),
    0.5 + rng(),
    1.5,
    6.3 * rng(),
  ]);
  return { boxes, scores: boxes.map(() => rng()), rng };
}

describe("rotatedNms", () => {
  test("by hand: a chain where the middle one goes and frees the last", () => {
    // Overlaps 1-2 and 2-3 are 1/3, 1-3 none.
    const boxes = Float64Array.of(0, 0, 0, 4, 2, 1, 0, 2, 0, 0, 4, 2, 1, 0, 4, 0, 0, 4, 2, 1, 0);
    expect([...rotatedNms(boxes, [0.9, 0.8, 0.7], { iouThreshold: 0.3 })]).toEqual([0, 2]);
    expect([...rotatedNms(boxes, [0.8, 0.9, 0.7], { iouThreshold: 0.3 })]).toEqual([1]);
    expect([...rotatedNms(boxes, [0.7, 0.8, 0.9], { iouThreshold: 0.4 })]).toEqual([2, 1, 0]);
  });

  test("an overlap equal to the threshold stays, equal scores go by index, NaN comes last", () => {
    const boxes = Float64Array.of(0, 0, 0, 4, 2, 1, 0, 2, 0, 0, 4, 2, 1, 0, 50, 0, 0, 4, 2, 1, 0);
    expect([...rotatedNms(boxes, [1, 1, 1], { iouThreshold: 4 / 12 })]).toEqual([0, 1, 2]);
    expect([...rotatedNms(boxes, [Number.NaN, 0.1, 1], { iouThreshold: 0 })]).toEqual([2, 1]);
  });

  test("limits", () => {
    const { boxes, scores } = randomScene(3, 60);
    const flat = Float64Array.from(boxes.flat());
    const all = rotatedNms(flat, scores, { iouThreshold: 0.1 });
    expect([...rotatedNms(flat, scores, { iouThreshold: 0.1, maxBoxes: 5 })]).toEqual([...all.subarray(0, 5)]);
    const best = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a]);
    const among = new Set(best.slice(0, 20));
    const limited = rotatedNms(flat, scores, { iouThreshold: 0.1, maxCandidates: 20 });
    expect([...limited]).toEqual([...all].filter((i) => among.has(i)));
    expect(rotatedNms([], [], { iouThreshold: 0.1 }).length).toBe(0);
  });

  test.each([1, 2, 63, 64, 65, 300])("agrees with the definition on %i random boxes", (size) => {
    for (const threshold of [0, 0.01, 0.3, 1]) {
      const { boxes, scores } = randomScene(size, size);
      const kept = rotatedNms(boxes.flat(), scores, { iouThreshold: threshold });
      expect([...kept], `threshold ${threshold}`).toEqual(nmsOracle(boxes, scores, threshold));
    }
  });

  test("suppressing what stayed changes nothing; the order of the input does not matter", () => {
    const { boxes, scores, rng } = randomScene(8, 200);
    const kept = [...rotatedNms(boxes.flat(), scores, { iouThreshold: 0.05 })];
    const again = rotatedNms(
      kept.flatMap((i) => boxes[i]),
      kept.map((i) => scores[i]),
      { iouThreshold: 0.05 },
    );
    expect([...again]).toEqual(kept.map((_, i) => i));
    const shuffled = boxes.map((_, i) => ({ i, key: rng() })).sort((a, b) => a.key - b.key);
    const other = rotatedNms(
      shuffled.flatMap(({ i }) => boxes[i]),
      shuffled.map(({ i }) => scores[i]),
      {
        iouThreshold: 0.05,
      },
    );
    expect([...other].map((i) => shuffled[i].i)).toEqual(kept);
  });

  test("errors", () => {
    expect(() => rotatedNms([1, 2, 3], [1], { iouThreshold: 0.1 })).toThrow(
      "rotatedNms: expected 7 numbers for boxes [n, 7], got 3",
    );
    expect(() => rotatedNms([], [], { iouThreshold: 2 })).toThrow(
      "rotatedNms: expected 0 to 1 for iouThreshold, got 2",
    );
    const box = [0, 0, 0, 4, 2, 1, 0];
    for (const name of ["maxCandidates", "maxBoxes"]) {
      for (const most of [-1, 0.5, Number.NaN]) {
        expect(() => rotatedNms([...box, ...box], [1, 1], { iouThreshold: 0.1, [name]: most })).toThrow(
          `rotatedNms: expected a whole number of at least 0 or Infinity for ${name}, got ${most}`,
        );
      }
    }
  });
});
