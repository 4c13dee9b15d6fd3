import { describe, expect, test } from "vitest";
import { BEAM_COUNTS, FIRINGS, firingAzimuths, HDL64E_BEAMS, inField, SENSORS } from "../src/sensor.js";

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

describe("SENSORS", () => {
  test.each([
    [32, 10.67, -30.67],
    [64, 1.95, -25.015],
    [128, 15, -25],
  ] as const)("of %i beams go down from %f° to %f°, and turn once", (count, from, to) => {
    const { beams, firings, azimuths } = SENSORS[count];
    expect(beams).toHaveLength(count);
    expect(beams[0].elevation * DEGREES).toBeCloseTo(from, 9);
    expect(beams[count - 1].elevation * DEGREES).toBeCloseTo(to, 9);
    for (const beam of beams) {
      const angles = azimuths(beam, 0.9);
      expect(angles).toHaveLength(firings);
      expect(angles[0] >= 0 && angles[firings - 1] < 2 * Math.PI).toBe(true);
      expect(angles.every((angle, k) => k === 0 || angle > angles[k - 1])).toBe(true);
    }
  });

  test("those of 32 and 128 beams are even in both directions", () => {
    const { beams, azimuths } = SENSORS[32];
    expect((beams[7].elevation - beams[8].elevation) * DEGREES).toBeCloseTo(41.34 / 31, 9); // 1.33°, the data sheet's
    const angles = azimuths(beams[3], 0.2);
    expect((angles[9] - angles[8]) * DEGREES).toBeCloseTo(360 / 1084, 9);
    expect(BEAM_COUNTS.map((count) => SENSORS[count].beams.length)).toEqual([...BEAM_COUNTS]);
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
