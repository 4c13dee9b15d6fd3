import { seededRandom } from "test-support";
import { describe, expect, test } from "vitest";
import { boxIou, rotatedIou, rotatedNms, rotatedOverlap } from "../src/index.js";
import { iouOracle, overlapOracle } from "./oracle/polygons.js";

/** Float64 geometry of metres: some tens of roundings. */
const TOLERANCE = 1e-10;

/** x, y, z, dx, dy, dz, yaw near the origin, so that most pairs meet. */
function randomBox(rng: () => number): number[] {
  const spread = () => 3 * (2 * rng() - 1);
  return [spread(), spread(), 0, 0.3 + 4 * rng(), 0.3 + 2 * rng(), 1.5, 10 * (2 * rng() - 1)];
}

describe("rotatedIou", () => {
  test.each<[string, number[], number[], number]>([
    ["a box and itself", [1, 2, 0, 4, 2, 1, 0.3], [1, 2, 0, 4, 2, 1, 0.3], 1],
    ["the same turned by π", [1, 2, 0, 4, 2, 1, 0.3], [1, 2, 0, 4, 2, 1, 0.3 + Math.PI], 1],
    // 2·2 shared of 4·2 + 4·2 − 4
    ["shifted by half a length", [0, 0, 0, 4, 2, 1, 0], [2, 0, 0, 4, 2, 1, 0], 4 / 12],
    // a cross of 4×2 and 2×4: the middle 2×2
    ["a quarter turn", [0, 0, 0, 4, 2, 1, 0], [0, 0, 0, 4, 2, 1, Math.PI / 2], 4 / 12],
    // unit squares at 45°: octagon 2(√2 − 1), which over the union is 1/√2
    ["an eighth turn", [0, 0, 0, 1, 1, 1, 0], [0, 0, 0, 1, 1, 1, Math.PI / 4], Math.SQRT1_2],
    ["one inside the other", [0, 0, 0, 10, 10, 1, 0], [1, -2, 0, 2, 1, 1, 0.7], 2 / 100],
    ["touching along a side", [0, 0, 0, 2, 2, 1, 0], [2, 0, 0, 2, 2, 1, 0], 0],
    ["touching in a corner", [0, 0, 0, 2, 2, 1, 0], [2, 2, 0, 2, 2, 1, 0], 0],
    ["circles that meet, boxes that do not", [0, 0, 0, 4, 1, 1, 0], [0, 2, 0, 4, 1, 1, 0], 0],
    ["far apart", [0, 0, 0, 2, 2, 1, 0], [1000, 0, 0, 2, 2, 1, 0], 0],
    ["no length", [0, 0, 0, 0, 2, 1, 0], [0, 0, 0, 2, 2, 1, 0], 0],
    ["a negative size", [0, 0, 0, -2, 2, 1, 0], [0, 0, 0, 2, 2, 1, 0], 0],
    ["not a number", [0, 0, 0, 2, 2, 1, Number.NaN], [0, 0, 0, 2, 2, 1, 0], 0],
    ["an infinite box", [0, 0, 0, Number.POSITIVE_INFINITY, 2, 1, 0], [0, 0, 0, 2, 2, 1, 0], 0],
  ])("by hand: %s", (_, a, b, expected) => {
    expect(rotatedIou(a, b)).toBeCloseTo(expected, 12);
    expect(rotatedIou(b, a)).toBeCloseTo(expected, 12);
  });

  test("picks rows", () => {
    const boxes = Float64Array.of(9, 9, 0, 1, 1, 1, 0, 0, 0, 0, 4, 2, 1, 0);
    expect(rotatedIou(boxes, boxes, { rowA: 1, rowB: 1 })).toBeCloseTo(1, 12);
    expect(rotatedOverlap(boxes, boxes, { rowA: 1, rowB: 1 })).toBeCloseTo(8, 12);
    expect(rotatedIou(boxes, boxes, { rowA: 1 })).toBe(0);
  });

  test("agrees with corners, crossings and triangles on random boxes; symmetric; unmoved by a common motion", () => {
    const rng = seededRandom(11);
    let met = 0;
    for (let i = 0; i < 3000; i++) {
      const [a, b] = [randomBox(rng), randomBox(rng)];
      const iou = rotatedIou(a, b);
      if (iou > 0) met++;
      const title = `pair ${i}: ${a} and ${b}`;
      expect(Math.abs(iou - iouOracle(a, b)), title).toBeLessThan(TOLERANCE);
      expect(Math.abs(rotatedOverlap(a, b) - overlapOracle(a, b)), title).toBeLessThan(TOLERANCE);
      expect(Math.abs(iou - rotatedIou(b, a)), title).toBeLessThan(TOLERANCE);
      const turn = 7 * rng();
      const moved = [a, b].map(([x, y, z, dx, dy, dz, yaw]) => [
        20 + Math.cos(turn) * x - Math.sin(turn) * y,
        Math.sin(turn) * x + Math.cos(turn) * y - 30,
        z,
        dx,
        dy,
        dz,
        yaw + turn,
      ]);
      expect(Math.abs(iou - rotatedIou(moved[0], moved[1])), title).toBeLessThan(TOLERANCE);
    }
    expect(met).toBeGreaterThan(500);
  });

  test("is at most 1, of a box and itself in any turn", () => {
    const rng = seededRandom(13);
    for (let i = 0; i < 3000; i++) {
      const [x, y, z, dx, dy, dz, yaw] = randomBox(rng);
      const [a, b] = [yaw, yaw + Math.PI * Math.floor(2 * rng())].map((turn) => [9 * x, 9 * y, z, dx, dy, dz, turn]);
      for (const iou of [rotatedIou(a, b), boxIou(a, b)]) {
        expect(iou, `pair ${i}: ${a}`).toBeLessThanOrEqual(1);
        expect(iou, `pair ${i}: ${a}`).toBeGreaterThan(1 - TOLERANCE);
      }
      // so nothing is above a threshold of 1
      expect([...rotatedNms([...a, ...b], [0.9, 0.8], { iouThreshold: 1 })]).toEqual([0, 1]);
    }
  });

  test("sides that lie on each other, in any turn, cost no accuracy", () => {
    const rng = seededRandom(12);
    for (let i = 0; i < 500; i++) {
      const yaw = 7 * rng();
      const a = [0, 0, 0, 4, 2, 1, yaw];
      const b = [Math.cos(yaw), Math.sin(yaw), 0, 4, 2, 1, yaw + Math.PI * Math.floor(4 * rng())];
      // 3·2 shared of 8 + 8 − 6
      expect(Math.abs(rotatedIou(a, b) - 0.6), `yaw ${yaw}`).toBeLessThan(TOLERANCE);
    }
  });
});
