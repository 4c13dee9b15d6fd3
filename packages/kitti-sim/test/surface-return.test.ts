import { describe, expect, test } from "vitest";
import {
  intensityReading,
  MATERIALS,
  type MaterialName,
  materialIndex,
  returnProbability,
  surfaceStrength,
} from "../src/index.js";

const surface = (name: MaterialName) => MATERIALS[materialIndex(name)];
const matt = {
  name: "matt",
  reflectance: 0.4,
  gloss: 0,
  retroreflection: 0,
  transmission: 0,
  colour: [0, 0, 0],
} as const;

describe("surfaceStrength by hand", () => {
  test("a matt surface is as bright from all sides, a glossy one falls by its power of the cosine", () => {
    expect(surfaceStrength(matt, 0.1)).toBe(0.4);
    expect(surfaceStrength({ ...matt, gloss: 2 }, 0.5)).toBeCloseTo(0.1, 12);
  });

  test("a retroreflector sends its share back from any side", () => {
    expect(surfaceStrength({ ...matt, gloss: 1, retroreflection: 0.9 }, 0)).toBe(0.9);
  });
});

describe("intensityReading by hand", () => {
  test("is the strength up to 20 m, then 0.0105 less a metre, in hundredths from 0 to 0.99", () => {
    expect(intensityReading(0.337, 5)).toBe(0.34);
    expect(intensityReading(0.4, 20)).toBe(0.4);
    expect(intensityReading(0.4, 40)).toBe(0.19);
    expect(intensityReading(0.4, 70)).toBe(0);
    expect(intensityReading(1.4, 10)).toBe(0.99);
    expect(intensityReading(-0.1, 10)).toBe(0);
  });
});

describe("returnProbability", () => {
  test("by hand: a half of what is not lost at the power of 0.006", () => {
    // strength 0.4 at 50 m with cosine 0.015: power 0.006
    expect(returnProbability(0.4, 0.015, 50)).toBeCloseTo((1 - 0.015) / 2, 12);
  });

  test("falls with distance and angle, and is a probability, for every material", () => {
    for (const material of MATERIALS) {
      let before = 1;
      for (let distance = 1; distance < 120; distance += 1) {
        const now = returnProbability(surfaceStrength(material, 0.5), 0.5, distance);
        expect(now >= 0 && now <= before, `${material.name} at ${distance} m`).toBe(true);
        before = now;
      }
      const oblique = returnProbability(surfaceStrength(material, 0.05), 0.05, 30);
      expect(oblique).toBeLessThan(returnProbability(surfaceStrength(material, 0.9), 0.9, 30));
    }
  });

  test("dark and glassy surfaces return less than bright ones", () => {
    const chance = (name: MaterialName) => returnProbability(surfaceStrength(surface(name), 0.3), 0.3, 40);
    for (const dark of ["paint-dark", "glass", "window-pane", "tyre"] as const) {
      expect(chance(dark), dark).toBeLessThan(chance("plaster"));
    }
  });
});
