import { describe, expect, test } from "vitest";
import { FIRINGS, firingAzimuths, HDL64E_BEAMS, inField } from "../src/sensor.js";

const DEGREES = 180 / Math.PI;

describe("HDL64E_BEAMS", () => {
  test("go down from 2° to -25°, in two blocks of 32", () => {
    const elevations = HDL64E_BEAMS.map(({ elevation }) => elevation * DEGREES);
    const steps = elevations.slice(1).map((elevation, row) => elevations[row] - elevation);
    expect(elevations).toHaveLength(64);
    expect(elevations[0]).toBeCloseTo(1.95, 9);
    expect(elevations[63]).toBeCloseTo(-9.05 - 31 * 0.515, 9);
    for (const step of steps.slice(0, 31)) expect(step).toBeCloseTo(0.343, 9);
    for (const step of steps.slice(32)) expect(step).toBeCloseTo(0.515, 9);
    expect(steps[31]).toBeGreaterThan(0.3);
  });

  test("are those of the data sheet within a degree", () => {
    HDL64E_BEAMS.forEach(({ elevation }, row) => {
      const nominal = row < 32 ? 2 - row / 3 : -8.83 - (row - 32) / 2;
      expect(Math.abs(elevation * DEGREES - nominal)).toBeLessThan(0.75);
    });
  });

  test("do not all fire at the same azimuths", () => {
    expect(new Set(HDL64E_BEAMS.map(({ phase }) => phase.toFixed(3))).size).toBe(64);
  });
});

describe("firingAzimuths", () => {
  test("are 2154 in a turn: six steps of 0.18°, then one of 0.09°", () => {
    expect(FIRINGS).toBe(2154);
    const azimuths = firingAzimuths({ elevation: 0, height: 0, phase: 0, bias: 0 }, 0);
    const steps = [...azimuths.subarray(1, 22)].map((azimuth, k) => (azimuth - azimuths[k]) * DEGREES);
    steps.forEach((step, k) => {
      expect(step).toBeCloseTo(k % 7 === 6 ? 0.09 : 0.18, 9);
    });
    expect(azimuths[2153] * DEGREES).toBeCloseTo(307 * 1.17 + 4 * 0.18, 9);
  });

  test.each([0, 0.3, 0.999])("rise within a turn wherever it begins: %f", (start) => {
    for (const beam of HDL64E_BEAMS) {
      const azimuths = firingAzimuths(beam, start);
      expect(azimuths).toHaveLength(FIRINGS);
      expect(azimuths[0] >= 0 && azimuths[FIRINGS - 1] < 2 * Math.PI).toBe(true);
      const steps = azimuths.slice(1).map((azimuth, k) => (azimuth - azimuths[k]) * DEGREES);
      expect(Math.min(...steps)).toBeGreaterThan(0.02);
      expect(Math.max(...steps)).toBeLessThan(0.28);
    }
  });
});

test("inField takes all of the turn, or 45° to both sides of straight ahead", () => {
  const degrees = [0, 44.9, 45.1, 90, 180, 314.9, 315.1, 359.9];
  expect(degrees.map((angle) => inField(angle / DEGREES, "full"))).toEqual(degrees.map(() => true));
  expect(degrees.map((angle) => inField(angle / DEGREES, "camera"))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    true,
    true,
  ]);
});
