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
  tint: 0,
  roughness: 0,
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
  test("is the strength less 0.04 up to 20 m, then 0.0105 less a metre, in hundredths from 0 to 0.99", () => {
    expect(intensityReading(0.377, 1, 5)).toBe(0.34);
    expect(intensityReading(0.44, 0.15, 20)).toBe(0.4);
    expect(intensityReading(0.44, 0.5, 40)).toBe(0.19);
    expect(intensityReading(0.44, 1, 70)).toBe(0);
    expect(intensityReading(1.4, 1, 10)).toBe(0.99);
    expect(intensityReading(-0.1, 1, 10)).toBe(0);
  });

  test("is 0.09 less for each halving of the cosine below 0.15, and finite where the ray lies in the surface", () => {
    expect(intensityReading(0.44, 0.075, 10)).toBe(0.31);
    expect(intensityReading(0.44, 0.0375, 10)).toBe(0.22);
    expect(intensityReading(0.44, 0, 10)).toBe(0);
  });
});

describe("returnProbability", () => {
  test("by hand: a half of what is not lost at the power of 0.045", () => {
    // strength 0.045 at 50 m, or a quarter of it at 25 m, met head-on; a cosine of 0.01 to the power 0.4 is 0.1585
    expect(returnProbability(0.045, 1, 50)).toBeCloseTo((1 - 0.015) / 2, 12);
    expect(returnProbability(0.01125, 1, 25)).toBeCloseTo((1 - 0.015) / 2, 12);
    expect(returnProbability(0.045 / 0.1585, 0.01, 50)).toBeCloseTo((1 - 0.015) / 2, 4);
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
