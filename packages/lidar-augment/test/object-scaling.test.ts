import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { boxesOverlap, boxOfEachPoint, scaleObjects } from "../src/index.js";
import { randomScene, SEEDS } from "./scenes.js";

describe("scaleObjects", () => {
  it("by hand: twice as long, half as high, on the same ground", () => {
    const draws = [1, 1 / 3, 0]; // factors 2, 1, 0.5
    const scan = {
      points: Float32Array.of(10, 5, 1, 0.7, 20, 20, 0, 0.1),
      boxes: Float64Array.of(10, 3, 0, 6, 2, 2, Math.PI / 2), // it looks to the left; the first point is 2 m before its centre
      labels: Int32Array.of(0),
    };
    const scaled = scaleObjects(scan, { scaling: [0.5, 2], rng: () => draws.shift()! });
    const expected = [10, 3, -0.5, 12, 2, 1, Math.PI / 2];
    for (const [i, value] of expected.entries()) expect(scaled.boxes[i]).toBeCloseTo(value, 12);
    for (const [axis, value] of [10, 7, 0].entries()) expect(scaled.points[axis]).toBeCloseTo(value, 6);
    expect([...scaled.points.subarray(3)]).toEqual([...scan.points.subarray(3)]);
  });

  it.each(SEEDS)(
    "points keep their place in their box, boxes their ground and distance, the rest stays, seed %i",
    (seed) => {
      const scene = randomScene(seed);
      const before = boxOfEachPoint(scene.points, scene.boxes);
      const scaled = scaleObjects(scene, { scaling: [0.7, 1.3], rng: seededRandom(seed) });
      const rows = scene.labels.length;
      for (let a = 0; a < rows; a++)
        for (let b = 0; b < a; b++) expect(boxesOverlap(scaled.boxes, scaled.boxes, { rowA: a, rowB: b })).toBe(false);
      before.forEach((owner, i) => {
        const point = scaled.points.subarray(4 * i, 4 * i + 4);
        if (owner < 0) expect([...point]).toEqual([...scene.points.subarray(4 * i, 4 * i + 4)]);
        else expect(boxOfEachPoint(point, scaled.boxes.slice(7 * owner, 7 * owner + 7))[0]).toBe(0);
        expect(point[3]).toBe(scene.points[4 * i + 3]);
      });
      for (let row = 0; row < rows; row++) {
        const [from, to] = [scene.boxes, scaled.boxes].map((boxes) => boxes.subarray(7 * row, 7 * row + 7));
        expect([to[0], to[1], to[6]]).toEqual([from[0], from[1], from[6]]);
        expect(to[2] - to[5] / 2).toBeCloseTo(from[2] - from[5] / 2, 12);
        for (let axis = 3; axis < 6; axis++) {
          expect(to[axis] / from[axis]).toBeGreaterThanOrEqual(0.7 - 1e-12);
          expect(to[axis] / from[axis]).toBeLessThanOrEqual(1.3 + 1e-12);
        }
      }
      expect(scaled.boxes).not.toEqual(scene.boxes);
      expect(scaleObjects(scene, { scaling: [0.7, 1.3], rng: seededRandom(seed) })).toEqual(scaled);
    },
  );

  it("an object that has no room stays, and factors of 1 change nothing", () => {
    const boxes = Float64Array.of(5, 0, 0, 4, 1, 2, 0, 5, 1.05, 0, 4, 1, 2, 0);
    const scan = { points: Float32Array.of(5, 0.4, 0.9, 0), boxes, labels: new Int32Array(2) };
    expect(scaleObjects(scan, { scaling: [1.5, 1.5], rng: seededRandom(1) })).toEqual(scan);
    const scene = randomScene(1);
    expect(scaleObjects(scene, { scaling: [1, 1], rng: seededRandom(1) }).boxes).toEqual(scene.boxes);
  });

  it.each([[[0, 1]], [[1.1, 1]], [[1, Number.POSITIVE_INFINITY]], [[Number.NaN, 1]]])("refuses %j", (scaling) => {
    expect(() => scaleObjects(randomScene(1), { scaling: scaling as [number, number], rng: seededRandom(1) })).toThrow(
      `scaleObjects: expected 0 < smallest <= largest for scaling, got [${scaling.join(", ")}]`,
    );
  });
});
