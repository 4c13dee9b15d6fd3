import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { buildScene, MATERIALS } from "../src/index.js";

describe.each([1, 2, 3, 4, 5])("buildScene, seed %i", (seed) => {
  const scene = buildScene(seedrandom.alea(`scene ${seed}`));
  const { mesh, objectOf, objects } = scene;

  test("is the same again", () => {
    expect(buildScene(seedrandom.alea(`scene ${seed}`))).toEqual(scene);
  });

  test("its arrays agree", () => {
    expect(mesh.triangles.length).toBe(3 * mesh.materials.length);
    expect(objectOf).toHaveLength(mesh.materials.length);
    expect(Math.max(...mesh.triangles)).toBeLessThan(mesh.positions.length / 3);
    expect(Math.max(...mesh.materials)).toBeLessThan(MATERIALS.length);
    expect(new Set(objectOf)).toEqual(new Set([-1, ...objects.keys()]));
  });

  test("each box is tight around its object's mesh", () => {
    objects.forEach(({ type, box: [x, y, z, dx, dy, dz, yaw] }, index) => {
      const [low, high] = [
        [9, 9, 9],
        [-9, -9, -9],
      ];
      objectOf.forEach((object, triangle) => {
        if (object !== index) return;
        for (const vertex of mesh.triangles.subarray(3 * triangle, 3 * triangle + 3)) {
          const [px, py, pz] = [0, 1, 2].map((k) => mesh.positions[3 * vertex + k] - [x, y, z][k]);
          const own = [
            (Math.cos(yaw) * px + Math.sin(yaw) * py) / dx,
            (Math.cos(yaw) * py - Math.sin(yaw) * px) / dy,
            pz / dz,
          ];
          own.forEach((value, k) => {
            low[k] = Math.min(low[k], value);
            high[k] = Math.max(high[k], value);
          });
        }
      });
      for (let k = 0; k < 3; k++) {
        expect(low[k], `${type} ${index}, axis ${k}`).toBeCloseTo(-0.5, 4);
        expect(high[k], `${type} ${index}, axis ${k}`).toBeCloseTo(0.5, 4);
      }
    });
  });

  test("nothing stands in the sensor's car", () => {
    for (const { box } of objects) expect(Math.hypot(box[0], box[1])).toBeGreaterThan(3);
  });
});
