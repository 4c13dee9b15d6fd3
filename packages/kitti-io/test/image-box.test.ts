import { seededRandom } from "test-support";
import { describe, expect, it } from "vitest";
import { imageBoxFromObject } from "../src/index.js";
import { apply, imageMatrix, solidPoints } from "./oracle/homogeneous.js";
import { randomCalibration, randomObject, upright } from "./synthetic.js";

const size = { width: 1242, height: 375 };

describe("imageBoxFromObject", () => {
  it("by hand: a cube of 2 m, its near face 7 m ahead and its bottom at camera height", () => {
    // near face: u = 600 ± 100, v from 180 - 200 to 180; the far face, 9 m ahead, lies within
    const cube = { dimensions: [2, 2, 2], location: [0, 0, 8], rotationY: 0 } as const;
    expect(imageBoxFromObject(cube, upright)).toEqual([500, -20, 700, 180]);
    expect(imageBoxFromObject(cube, upright, size)).toEqual([500, 0, 700, 180]);
  });

  it("by hand: length runs along x at rotation_y 0 and along z at π/2", () => {
    const plank = { dimensions: [0, 0, 4], location: [0, 0, 7], rotationY: 0 } as const;
    expect(imageBoxFromObject(plank, upright)).toEqual([400, 180, 800, 180]);
    const turned = imageBoxFromObject({ ...plank, rotationY: Math.PI / 2 }, upright)!;
    expect(turned[0]).toBeCloseTo(600, 9);
    expect(turned[2]).toBeCloseTo(600, 9);
  });

  it.each([1, 2, 3, 4])("equals the extent of many points of the box where it is in front, seed %i", (seed) => {
    const rng = seededRandom(seed);
    const calibration = randomCalibration(rng, 0.2);
    for (let i = 0; i < 20; i++) {
      const object = { ...randomObject(rng), location: [rng() * 20 - 10, 1, 12 + 40 * rng()] as const };
      const projected = solidPoints(object.dimensions, object.location, object.rotationY, 2).map((point) =>
        apply(imageMatrix(calibration), point),
      );
      const [us, vs] = [0, 1].map((row) => projected.map((p) => p[row] / p[2]));
      const extent = [Math.min(...us), Math.min(...vs), Math.max(...us), Math.max(...vs)];
      imageBoxFromObject(object, calibration)!.forEach((value, k) => {
        expect(Math.abs(value - extent[k]), `seed ${seed}, object ${i}`).toBeLessThan(1e-9 * 1e3);
      });
    }
  });

  it.each([1, 2, 3])("covers the visible points of a box that reaches behind the camera, seed %i", (seed) => {
    const rng = seededRandom(seed);
    for (let i = 0; i < 30; i++) {
      const object = { ...randomObject(rng), location: [rng() * 4 - 2, 1.5, rng() * 2 - 1] as const };
      const box = imageBoxFromObject(object, upright, size);
      const visible = solidPoints(object.dimensions, object.location, object.rotationY, 12)
        .map((point) => apply(imageMatrix(upright), point))
        .filter((p) => p[2] >= 0.01)
        .map((p) => [p[0] / p[2], p[1] / p[2]])
        .filter(([u, v]) => u >= 0 && u <= 1241 && v >= 0 && v <= 374);
      if (box === undefined) expect(visible.length, `seed ${seed}, object ${i}`).toBe(0);
      for (const [u, v] of visible) {
        const inside = u >= box![0] - 1e-6 && u <= box![2] + 1e-6 && v >= box![1] - 1e-6 && v <= box![3] + 1e-6;
        expect(inside, `seed ${seed}, object ${i}`).toBe(true);
      }
    }
  });

  it("a box around the camera fills the image", () => {
    const around = { dimensions: [4, 4, 4], location: [0, 2, 0], rotationY: 0.3 } as const;
    expect(imageBoxFromObject(around, upright, size)).toEqual([0, 0, 1241, 374]);
  });

  it("nothing of a box behind the camera or beside the image", () => {
    const box = { dimensions: [2, 2, 2], location: [0, 0, -8], rotationY: 0 } as const;
    expect(imageBoxFromObject(box, upright)).toBeUndefined();
    const beside = { ...box, location: [100, 0, 10] } as const;
    expect(imageBoxFromObject(beside, upright, size)).toBeUndefined();
    expect(imageBoxFromObject(beside, upright)![0]).toBeGreaterThan(1242);
  });
});
