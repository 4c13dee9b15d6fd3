import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { boxesOverlap, boxOfEachPoint, moveObjects } from "../src/index.js";
import { randomScene, SEEDS } from "./scenes.js";

describe("moveObjects", () => {
  it("by hand: a quarter turn moves a point from the nose to the left", () => {
    const scan = {
      points: Float32Array.of(12, 3, 0.5, 0.7, 20, 20, 0, 0.1),
      boxes: Float64Array.of(10, 3, 0, 6, 2, 2, 0),
      labels: Int32Array.of(0),
    };
    // uniform 1 - 1e-17 rounds to 1: the turn is +rotation; no move
    const moved = moveObjects(scan, { translation: [0, 0, 0], rotation: Math.PI / 2, rng: () => 1 - 2 ** -53 });
    expect(moved.boxes[6]).toBeCloseTo(Math.PI / 2, 12);
    expect(moved.points[0]).toBeCloseTo(10, 6);
    expect(moved.points[1]).toBeCloseTo(5, 6);
    expect([...moved.points.subarray(2)]).toEqual([...scan.points.subarray(2)]);
  });

  it.each(SEEDS)("points stay in their boxes, boxes stay apart, the rest stays where it is, seed %i", (seed) => {
    const scene = randomScene(seed);
    const before = boxOfEachPoint(scene.points, scene.boxes);
    const moved = moveObjects(scene, { rng: seededRandom(seed) });
    const rows = scene.labels.length;
    for (let a = 0; a < rows; a++)
      for (let b = 0; b < a; b++) expect(boxesOverlap(moved.boxes, moved.boxes, { rowA: a, rowB: b })).toBe(false);
    before.forEach((owner, i) => {
      const point = moved.points.subarray(4 * i, 4 * i + 4);
      if (owner < 0) expect([...point]).toEqual([...scene.points.subarray(4 * i, 4 * i + 4)]);
      else expect(boxOfEachPoint(point, moved.boxes.slice(7 * owner, 7 * owner + 7))[0]).toBe(0);
      expect(point[3]).toBe(scene.points[4 * i + 3]);
    });
    for (let row = 0; row < rows; row++) {
      expect([...moved.boxes.subarray(7 * row + 3, 7 * row + 6)]).toEqual([
        ...scene.boxes.subarray(7 * row + 3, 7 * row + 6),
      ]);
      expect(Math.abs(moved.boxes[7 * row + 6])).toBeLessThanOrEqual(Math.PI);
    }
    expect(moved.boxes).not.toEqual(scene.boxes);
    expect(moveObjects(scene, { rng: seededRandom(seed) })).toEqual(moved);
  });

  it("an object that is hemmed in stays", () => {
    const boxes = Float64Array.from([0, 1, -1, 2, -2].flatMap((y) => [5, y, 0, 40, 0.999, 2, 0]));
    const scan = { points: new Float32Array(0), boxes, labels: new Int32Array(5) };
    const moved = moveObjects(scan, { translation: [0, 0.2, 0], rotation: 0.5, tries: 3, rng: seededRandom(2) });
    expect(moved.boxes[1]).toBe(0);
  });
});
