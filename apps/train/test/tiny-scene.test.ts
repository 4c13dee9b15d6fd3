import { describe, expect, it } from "vitest";
import { makeTinyScenes } from "./scenes/tiny-scene.js";

describe("makeTinyScenes", () => {
  const frames = makeTinyScenes(2, 0);

  it("is the same for the same seed", () => {
    expect(makeTinyScenes(2, 0)).toEqual(frames);
    expect(makeTinyScenes(2, 1)[0]!.points).not.toEqual(frames[0]!.points);
  });

  it("puts points on every nearby car, and none inside it or under the ground", () => {
    for (const { points, cars } of frames) {
      for (const [index, car] of cars.entries()) {
        const inside = countInside(points, car, 0.05);
        if (index < 2) expect(inside, `car ${index}`).toBeGreaterThan(50);
        expect(countInside(points, car, -0.2), `inside car ${index}`).toBe(0);
      }
      for (let i = 2; i < points.length; i += 4) expect(points[i]!).toBeGreaterThan(-1.73 - 0.1);
    }
  });
});

/** Points within a car's cuboid grown by `margin` metres on every side, those near the ground left out. */
function countInside(points: Float32Array, car: readonly number[], margin: number): number {
  const [x, y, z, dx, dy, dz, yaw] = car as [number, number, number, number, number, number, number];
  let count = 0;
  for (let i = 0; i < points.length; i += 4) {
    const px = points[i]! - x;
    const py = points[i + 1]! - y;
    const along = px * Math.cos(yaw) + py * Math.sin(yaw);
    const across = -px * Math.sin(yaw) + py * Math.cos(yaw);
    const up = points[i + 2]! - z;
    if (up < -dz / 2 + 0.1) continue;
    if (Math.abs(along) < dx / 2 + margin && Math.abs(across) < dy / 2 + margin && Math.abs(up) < dz / 2 + margin)
      count += 1;
  }
  return count;
}
