import { describe, expect, it } from "vitest";
import { difficultyOf } from "../src/index.js";
import { car } from "./synthetic.js";

const withHeight = (height: number, occluded: number, truncated: number) => ({
  ...car,
  bbox: [10, 100, 50, 100 + height] as const,
  occluded,
  truncated,
});

describe("difficultyOf", () => {
  it.each([
    [41, 0, 0, "easy"],
    [40, 0, 0, "moderate"], // the height has to be greater than the limit
    [40.000001, 0, 0.15, "easy"],
    [41, 0, 0.150001, "moderate"],
    [41, 1, 0, "moderate"],
    [26, 1, 0.3, "moderate"],
    [26, 1, 0.300001, "hard"],
    [26, 2, 0.5, "hard"],
    [25, 0, 0, "none"],
    [26, 3, 0, "none"],
    [100, 0, 0.500001, "none"],
    [0, 0, 0, "none"],
    [-30, 0, 0, "none"],
  ])("height %f, occluded %i, truncated %f: %s", (height, occluded, truncated, level) => {
    expect(difficultyOf(withHeight(height, occluded, truncated))).toBe(level);
  });

  it("DontCare counts at no level, however high", () => {
    expect(difficultyOf({ ...withHeight(100, -1, -1), type: "DontCare" })).toBe("none");
  });
});
