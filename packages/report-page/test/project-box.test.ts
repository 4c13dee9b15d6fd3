import { describe, expect, it } from "vitest";
import { projectBox } from "../browser/picture/project-box.js";

/** x forward → depth; focal length 100, middle of the image (200, 50). */
const PROJECTION = [200, -100, 0, 0, 50, 0, -100, 0, 1, 0, 0, 0];
const SIZE = { width: 400, height: 100 };

describe("projectBox", () => {
  it("by hand: a cube of 2 m, 10 m ahead", () => {
    const { lines, bounds, depth } = projectBox([10, 0, 0, 2, 2, 2, 0], PROJECTION, SIZE)!;
    expect(lines).toHaveLength(4 * 13);
    // The nearest side is 9 m away: 100 / 9 pixels on each side of the middle.
    [200 - 100 / 9, 50 - 100 / 9, 200 + 100 / 9, 50 + 100 / 9].forEach((value, i) => {
      expect(bounds[i]).toBeCloseTo(value, 9);
    });
    expect(depth).toBe(10);
    // The first edge is the bottom of the front, 11 m away: from right to left.
    [200 + 100 / 11, 50 + 100 / 11, 200 - 100 / 11, 50 + 100 / 11].forEach((value, i) => {
      expect(lines[i]).toBeCloseTo(value, 9);
    });
  });

  it("leaves out what lies behind the camera or beside the image", () => {
    expect(projectBox([-10, 0, 0, 2, 2, 2, 0], PROJECTION, SIZE)).toBeUndefined();
    expect(projectBox([10, 40, 0, 2, 2, 2, 0], PROJECTION, SIZE)).toBeUndefined();
    expect(projectBox([10, 0, 20, 2, 2, 2, 0], PROJECTION, SIZE)).toBeUndefined();
  });

  it("cuts off at the camera what reaches behind it, and stays inside the image with its bounds", () => {
    const { lines, bounds } = projectBox([1, 2, 0, 8, 2, 2, 0], PROJECTION, SIZE)!;
    expect(lines.every(Number.isFinite)).toBe(true);
    expect(lines).toHaveLength(4 * 9); // of twelve edges and the heading, four lie behind
    expect(bounds[0]).toBe(0);
    expect(bounds[2]).toBeLessThan(200); // it stands on the left
    // Where it is cut off, 0.1 m away, its left side is 3 m to the left: 3000 pixels from the middle.
    expect(Math.min(...lines.filter((_, i) => i % 2 === 0))).toBeCloseTo(200 - 3000, 6);
  });
});
