import { describe, expect, it } from "vitest";
import { boxFacts, headingDegrees } from "../browser/box-facts.js";

describe("boxFacts", () => {
  it("tells class, origin, score, size and distance on the ground", () => {
    const box = { type: "Car", box: [3, 4, -1, 4.123, 1.7, 1.5, 0], score: null };
    expect(boxFacts(box, { name: "labels", isTruth: true })).toBe(
      "Car · ground truth · 4.12 × 1.70 × 1.50 m · 5.0 m away",
    );
    expect(boxFacts({ ...box, score: 0.876 }, { name: "run", isTruth: false })).toBe(
      "Car · detection (run) · score 0.88 · 4.12 × 1.70 × 1.50 m · 5.0 m away",
    );
  });
});

describe("headingDegrees", () => {
  it("brings any number of turns into one", () => {
    expect([0, 90, 179, 180, -180, 366, 730, -350].map((degrees) => headingDegrees((degrees * Math.PI) / 180))).toEqual(
      [0, 90, 179, -180, -180, 6, 10, 10],
    );
  });
});
