import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { rayHits } from "../browser/scene/ray-hits.js";

const AHEAD = { origin: [0, 0, 0], direction: [1, 0, 0] };

describe("rayHits", () => {
  it("by hand: what lies ahead, nearest first, and not what lies behind or beside", () => {
    const boxes = [
      [30, 0, 0, 4, 2, 2, 0],
      [10, 0.9, 0, 4, 2, 2, 0],
      [10, 1.1, 0, 4, 2, 2, 0], // its side is 0.1 m away
      [-10, 0, 0, 4, 2, 2, 0],
    ];
    expect(rayHits(AHEAD, boxes)).toEqual([1, 0]);
    expect(rayHits(AHEAD, boxes, 0.01)).toEqual([1, 0, 2]); // by 0.1 m at 10 m, after those that it meets
    expect(rayHits(AHEAD, [])).toEqual([]);
  });

  it("by hand: a turned box reaches farther to the side", () => {
    const box = (yaw: number) => [10, 1.5, 0, 4, 1, 2, yaw];
    expect(rayHits(AHEAD, [box(0)])).toEqual([]);
    expect(rayHits(AHEAD, [box(Math.PI / 2)])).toEqual([0]);
  });

  it.each([1, 2, 3])("agrees with steps along the ray, seed %i", (seed) => {
    const rng = seededRandom(seed);
    for (let n = 0; n < 25; n += 1) {
      const box = [
        8 * rng() + 4,
        6 * rng() - 3,
        4 * rng() - 2,
        1 + 4 * rng(),
        1 + 2 * rng(),
        1 + rng(),
        7 * rng() - 3.5,
      ];
      const aim = [10, 6 * rng() - 3, 3 * rng() - 1.5];
      const length = Math.hypot(...aim);
      const direction = aim.map((value) => value / length);
      const stepsInside = Array.from({ length: 20_000 }, (_, i) => direction.map((value) => 0.001 * i * value)).filter(
        ([x, y, z]) => {
          const [dx, dy] = [x - box[0], y - box[1]];
          const forward = dx * Math.cos(box[6]) + dy * Math.sin(box[6]);
          const left = dy * Math.cos(box[6]) - dx * Math.sin(box[6]);
          return [forward / box[3], left / box[4], (z - box[2]) / box[5]].every((share) => Math.abs(share) <= 0.5);
        },
      ).length;
      if (stepsInside === 1) continue; // an edge that is only touched
      expect(rayHits({ origin: [0, 0, 0], direction }, [box]).length, `box ${n}`).toBe(stepsInside > 0 ? 1 : 0);
    }
  });
});
