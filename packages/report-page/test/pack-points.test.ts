import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { packPoints } from "../src/pack-points.js";
import { unpackPoints } from "../src/unpack-points.js";

describe("packed points", () => {
  it("are seven bytes each: centimetres in little-endian int16, intensity in a byte", () => {
    // 1.27 m = 127 cm = 7f 00; -0.01 m = ff ff; 2.56 m = 256 cm = 00 01; 0.2 · 255 = 51 = 33
    const packed = packPoints(Float32Array.of(1.27, -0.01, 2.56, 0.2));
    expect(packed.count).toBe(1);
    expect(Buffer.from(packed.positions, "base64").toString("hex")).toBe("7f00ffff0001");
    expect(Buffer.from(packed.intensities, "base64").toString("hex")).toBe("33");
  });

  it.each([0, 1, 2, 3, 1000])("come back to half a centimetre, %i of them", (count) => {
    const rng = seededRandom(count);
    const points = Float32Array.from({ length: 4 * count }, (_, i) => (i % 4 === 3 ? rng() : 240 * rng() - 120));
    const { positions, intensities } = unpackPoints(packPoints(points));
    expect([positions.length, intensities.length]).toEqual([3 * count, count]);
    for (let i = 0; i < count; i += 1) {
      for (let axis = 0; axis < 3; axis += 1) {
        expect(Math.abs(positions[3 * i + axis] - points[4 * i + axis])).toBeLessThan(0.00501);
      }
      expect(Math.abs(intensities[i] - points[4 * i + 3])).toBeLessThan(0.5 / 255 + 1e-6);
    }
  });

  it("are coarser where a scan reaches farther than 16 bits of centimetres", () => {
    const packed = packPoints(Float32Array.of(655.34, -10, 0, 0));
    expect(packed.step).toBeCloseTo(0.02, 8);
    const { positions } = unpackPoints(packed);
    expect(Math.abs(positions[0] - 655.34)).toBeLessThan(0.0101);
    expect(Math.abs(positions[1] + 10)).toBeLessThan(0.0101);
    expect(packPoints(Float32Array.of(327, 0, 0, 400)).step).toBe(0.01); // intensity is no coordinate
  });

  it("refuse what does not fit, and say which point", () => {
    expect(() => packPoints(new Float32Array(5))).toThrow("packPoints: expected [n, 4] numbers for points, got 5");
    expect(() => packPoints(Float32Array.of(0, 0, 0, 0, 0, 4000, 0, 0))).toThrow(/±3000 m, got 4000 at point 1/);
    expect(() => packPoints(Float32Array.of(0, Number.NaN, 0, 0))).toThrow(/got NaN at point 0/);
  });
});
