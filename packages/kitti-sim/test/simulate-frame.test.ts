import { cropToCameraView } from "kitti-io";
import { describe, expect, test } from "vitest";
import { simulateFrame } from "../src/index.js";

describe("simulateFrame", () => {
  const whole = simulateFrame({ seed: 1, frame: 3 });

  test("is the same again, and another for each frame and seed", () => {
    const bytes = (seed: number, frame: number) => Buffer.from(simulateFrame({ seed, frame }).points.buffer);
    expect(bytes(1, 3).equals(Buffer.from(whole.points.buffer))).toBe(true);
    expect(bytes(1, 4).equals(Buffer.from(whole.points.buffer))).toBe(false);
    expect(bytes(2, 3).equals(Buffer.from(whole.points.buffer))).toBe(false);
  });

  test("the camera's field leaves the camera's view as it is: points, picture and labels", () => {
    const part = simulateFrame({ seed: 1, frame: 3, field: "camera" });
    const view = ({ points, calibration }: typeof part) =>
      Buffer.from(cropToCameraView(points, calibration, { width: 1242, height: 375 }).buffer);
    expect(view(part).equals(view(whole))).toBe(true);
    expect(Buffer.from(part.image.data.buffer).equals(Buffer.from(whole.image.data.buffer))).toBe(true);
    expect(part.points.length).toBeLessThan(0.4 * whole.points.length);
  });

  test("refuses what is no frame", () => {
    expect(() => simulateFrame({ seed: -1, frame: 0 })).toThrow(
      "simulateFrame: expected a whole number >= 0 for seed, got -1",
    );
    expect(() => simulateFrame({ seed: 0, frame: 0.5 })).toThrow(/for frame, got 0.5/);
  });
});
