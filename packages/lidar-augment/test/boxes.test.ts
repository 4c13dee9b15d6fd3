import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { boxesOverlap, boxOfEachPoint, pointsInBox } from "../src/index.js";
import { insideByCorners, shareGround } from "./oracle/corners.js";
import { randomScene, SEEDS } from "./scenes.js";

describe("boxOfEachPoint", () => {
  it("by hand: a car turned by 90°", () => {
    const boxes = Float64Array.of(10, 5, -1, 4, 2, 1.5, Math.PI / 2);
    // 1.9 m ahead of its centre, 1.9 m to its side, above its roof, at its roof
    const points = Float32Array.of(10, 6.9, -1, 0, 11.9, 5, -1, 0, 10, 5, 0, 0, 10, 5, -0.25, 0);
    expect([...boxOfEachPoint(points, boxes)]).toEqual([0, -1, -1, 0]);
  });

  it("gives a point inside two boxes to the first", () => {
    const boxes = Float64Array.of(0, 0, 0, 4, 4, 4, 0, 1, 0, 0, 4, 4, 4, 0);
    expect([...boxOfEachPoint(Float32Array.of(1, 0, 0, 0, 2.5, 0, 0, 0), boxes)]).toEqual([0, 1]);
  });

  it.each(SEEDS)("agrees with the corners of the boxes, seed %i", (seed) => {
    const { points, boxes } = randomScene(seed);
    const owners = boxOfEachPoint(points, boxes);
    let inside = 0;
    for (let i = 0; i < owners.length; i++) {
      const rows = Array.from({ length: boxes.length / 7 }, (_, row) => row);
      const expected = rows.find((row) =>
        insideByCorners(points.subarray(4 * i, 4 * i + 4), boxes.slice(7 * row, 7 * row + 7)),
      );
      expect(owners[i]).toBe(expected ?? -1);
      inside += Number(owners[i] >= 0);
    }
    expect(inside).toBeGreaterThanOrEqual(120);
  });

  it("refuses points and boxes that are not whole", () => {
    const [points, box] = [new Float32Array(8), new Float64Array(7)];
    expect(() => boxOfEachPoint(new Float32Array(9), box)).toThrow("boxOfEachPoint: expected [n, 4] for points, got 9");
    expect(() => boxOfEachPoint(points, box.subarray(1))).toThrow("boxOfEachPoint: expected [m, 7] for boxes, got 6");
    expect(() => pointsInBox(new Float32Array(9), box)).toThrow("pointsInBox: expected [n, 4] for points, got 9");
    expect(() => pointsInBox(points, box.subarray(1))).toThrow("pointsInBox: expected [7] for box, got 6");
    expect(() => pointsInBox(points, new Float64Array(14))).toThrow("pointsInBox: expected [7] for box, got 14");
  });

  it("has nothing for no points, no boxes and NaN", () => {
    expect(boxOfEachPoint(new Float32Array(0), new Float64Array(7))).toHaveLength(0);
    expect([...boxOfEachPoint(new Float32Array(4), new Float64Array(0))]).toEqual([-1]);
    expect([...boxOfEachPoint(Float32Array.of(Number.NaN, 0, 0, 0), Float64Array.of(0, 0, 0, 9, 9, 9, 0))]).toEqual([
      -1,
    ]);
  });

  it("pointsInBox keeps the order", () => {
    const points = Float32Array.of(1, 0, 0, 0.1, 9, 0, 0, 0.2, -1, 0, 0, 0.3);
    expect([...pointsInBox(points, [0, 0, 0, 4, 2, 2, 0])]).toEqual([...points.subarray(0, 4), ...points.subarray(8)]);
  });
});

describe("boxesOverlap", () => {
  it("by hand: a square and one turned by 45° beside it", () => {
    const square = Float64Array.of(0, 0, 0, 2, 2, 1, 0);
    const turned = (x: number) => Float64Array.of(x, 0, 0, 2, 2, 1, Math.PI / 4);
    // its corner reaches √2 from its centre: 1 + √2 = 2.4142
    expect(boxesOverlap(square, turned(2.41))).toBe(true);
    expect(boxesOverlap(square, turned(2.42))).toBe(false);
    // side by side they only touch
    expect(boxesOverlap(square, Float64Array.of(2, 0, 0, 2, 2, 1, 0))).toBe(false);
    // at another height they still share ground
    expect(boxesOverlap(square, Float64Array.of(1, 0, 50, 2, 2, 1, 0))).toBe(true);
  });

  it("refuses a row that is not there, where it said true", () => {
    const [two, one] = [new Float64Array(14).fill(1), new Float64Array(7).fill(1)];
    expect(boxesOverlap(two, one, { rowA: 1 })).toBe(true);
    for (const row of [2, -1, 0.5, Number.NaN]) {
      expect(() => boxesOverlap(two, one, { rowA: row })).toThrow(
        new RangeError(`boxesOverlap: expected a row of 2 boxes for rowA, got ${row}`),
      );
    }
    expect(() => boxesOverlap(two, one, { rowB: 1 })).toThrow("expected a row of 1 boxes for rowB, got 1");
    expect(() => boxesOverlap(two, [])).toThrow("expected a row of 0 boxes for rowB, got 0");
  });

  it.each(SEEDS)("agrees with corners and crossing sides, both ways round, seed %i", (seed) => {
    const rng = seededRandom(seed);
    const box = () => Float64Array.of(5 * rng(), 5 * rng(), 0, 1 + 3 * rng(), 0.5 + rng(), 1, 7 * rng());
    let overlaps = 0;
    for (let i = 0; i < 500; i++) {
      const [a, b] = [box(), box()];
      expect(boxesOverlap(a, b)).toBe(shareGround(a, b));
      expect(boxesOverlap(b, a)).toBe(boxesOverlap(a, b));
      overlaps += Number(boxesOverlap(a, b));
    }
    expect(overlaps).toBeGreaterThan(50);
    expect(overlaps).toBeLessThan(450);
  });
});
