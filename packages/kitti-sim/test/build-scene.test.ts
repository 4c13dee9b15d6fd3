import seedrandom from "seedrandom";
import { describe, expect, test } from "vitest";
import { buildBvh, buildScene, MATERIALS, type Mesh, nearestHit, type Scene, type SceneObject } from "../src/index.js";

const scenes = Array.from({ length: 24 }, (_, seed) => buildScene(seedrandom.alea(`scene ${seed}`)));

function bytes({ mesh: { positions, triangles, materials }, objectOf, objects }: Scene): Buffer {
  const arrays = [positions, triangles, materials, objectOf, ...objects.map(({ box }) => box)];
  return Buffer.concat(arrays.map(({ buffer }) => Buffer.from(buffer)));
}

test("a scene is the same again, and another for each seed", () => {
  const again = bytes(buildScene(seedrandom.alea("scene 0")));
  expect(again.equals(bytes(scenes[0]))).toBe(true);
  expect(new Set(scenes.map((scene) => bytes(scene).toString("base64").slice(0, 400))).size).toBe(scenes.length);
});

describe.each(scenes.slice(0, 10).map((scene, seed) => ({ seed, ...scene })))(
  "the scene of seed $seed",
  ({ mesh, objectOf, objects }) => {
    test("has valid triangles, no more than 100 000, each of an object or the background", () => {
      const count = mesh.materials.length;
      expect(count).toBeLessThan(100_000);
      expect(mesh.triangles).toHaveLength(3 * count);
      expect(objectOf).toHaveLength(count);
      expect(mesh.positions.every(Number.isFinite)).toBe(true);
      expect(mesh.triangles.every((vertex) => 3 * vertex < mesh.positions.length)).toBe(true);
      expect(mesh.materials.every((material) => material < MATERIALS.length)).toBe(true);
      expect(new Set(objectOf)).toEqual(new Set([-1, ...objects.keys()]));
      const flat = mesh.materials.findIndex((_, triangle) => !(area(mesh, triangle) > 0));
      expect(flat, "a triangle without area").toBe(-1);
    });

    test("each box is tight around its object's mesh, but for the air that labels of vehicles have", () => {
      const low = objects.map(() => [9, 9, 9]);
      const high = objects.map(() => [-9, -9, -9]);
      objectOf.forEach((object, triangle) => {
        if (object < 0) return;
        for (const vertex of mesh.triangles.subarray(3 * triangle, 3 * triangle + 3)) {
          inBox(objects[object], mesh.positions.subarray(3 * vertex, 3 * vertex + 3)).forEach((value, k) => {
            low[object][k] = Math.min(low[object][k], value);
            high[object][k] = Math.max(high[object][k], value);
          });
        }
      });
      objects.forEach(({ type, box }, index) => {
        const air = type === "Pedestrian" || type === "Cyclist" ? [0, 0, 0, 0, 0, 0] : LABEL_AIR;
        for (let k = 0; k < 3; k++) {
          expect(low[index][k], `${type} ${index}, axis ${k}`).toBeCloseTo(air[2 * k] / box[3 + k] - 0.5, 4);
          expect(high[index][k], `${type} ${index}, axis ${k}`).toBeCloseTo(0.5 - air[2 * k + 1] / box[3 + k], 4);
        }
      });
    });

    test("no two objects overlap", () => {
      for (const one of objects) {
        for (const other of objects) {
          if (one === other || Math.hypot(one.box[0] - other.box[0], one.box[1] - other.box[1]) > 16) continue;
          const shared = gridOf(one).filter((point) => inBox(other, point).every((share) => Math.abs(share) < 0.5));
          expect(shared, `${one.type} ${one.box} in ${other.type} ${other.box}`).toEqual([]);
        }
      }
    });

    test("every object stands on the ground", () => {
      const background = [...objectOf.keys()].filter((triangle) => objectOf[triangle] < 0);
      const ground: Mesh = {
        positions: mesh.positions,
        triangles: Uint32Array.from(background.flatMap((t) => [...mesh.triangles.subarray(3 * t, 3 * t + 3)])),
        materials: new Uint8Array(background.length),
      };
      const bvh = buildBvh(ground);
      for (const { type, box } of objects) {
        const [x, y, z, , , dz] = box;
        const hit = nearestHit(bvh, Float64Array.of(x, y, z - dz / 2 + 0.5, 0, 0, -1));
        expect(Math.abs(hit!.distance - 0.5), `${type} at ${x}, ${y}`).toBeLessThan(STANDS_WITHIN);
      }
    });

    test("nothing stands in the sensor's car", () => {
      for (const object of objects) {
        expect(Math.hypot(object.box[0], object.box[1])).toBeGreaterThan(3);
        expect(inBox(object, [0, 0, object.box[2]]).every((share) => Math.abs(share) < 0.5)).toBe(false);
      }
    });
  },
);

/** From a vehicle's mesh out to its label, low and high along each axis, metres: wheels reach 2 cm below. */
const LABEL_AIR = [0.04, 0.04, 0, 0, -0.02, 0.035];

/** The ground between the lines of its grid is flat, the bumps of the verge are not; labels of vehicles end 2 cm above. Metres. */
const STANDS_WITHIN = 0.08;

describe("sizes and numbers over 24 scenes", () => {
  const objects = scenes.flatMap((scene) => scene.objects);
  const sizesOf = (type: string) => objects.filter((object) => object.type === type).map(({ box }) => box.slice(3, 6));

  // KITTI's means, and bounds of three standard errors of the fewest objects there are here
  test.each([
    ["Car", [3.88, 1.63, 1.53], [0.1, 0.03, 0.03], 200],
    ["Van", [5.08, 1.9, 2.21], [0.25, 0.08, 0.2], 15],
    ["Truck", [10.1, 2.59, 3.25], [2, 0.12, 0.3], 10],
    ["Pedestrian", [0.84, 0.66, 1.76], [0.08, 0.05, 0.05], 60],
    ["Cyclist", [1.76, 0.6, 1.74], [0.08, 0.06, 0.06], 25],
  ] as const)("%s: mean length, width and height", (type, means, bounds, fewest) => {
    const sizes = sizesOf(type);
    expect(sizes.length).toBeGreaterThanOrEqual(fewest);
    means.forEach((mean, k) => {
      const own = sizes.reduce((sum, size) => sum + size[k], 0) / sizes.length;
      expect(Math.abs(own - mean), `axis ${k}: ${own}`).toBeLessThan(bounds[k]);
    });
  });

  test("cars differ as KITTI's do", () => {
    const sizes = sizesOf("Car");
    [0.43, 0.1, 0.14].forEach((deviation, k) => {
      const mean = sizes.reduce((sum, size) => sum + size[k], 0) / sizes.length;
      const own = Math.sqrt(sizes.reduce((sum, size) => sum + (size[k] - mean) ** 2, 0) / sizes.length);
      expect(own / deviation, `axis ${k}`).toBeGreaterThan(0.75);
      expect(own / deviation, `axis ${k}`).toBeLessThan(1.25);
    });
  });
});

function area({ positions, triangles }: Mesh, triangle: number): number {
  const [a, b, c] = [...triangles.subarray(3 * triangle, 3 * triangle + 3)].map((vertex) =>
    positions.subarray(3 * vertex, 3 * vertex + 3),
  );
  const [u, v] = [b, c].map((corner) => [0, 1, 2].map((k) => corner[k] - a[k]));
  return Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]) / 2;
}

/** A point's place in a box: -0.5 .. 0.5 along each of the box's axes is inside. */
function inBox({ box }: SceneObject, point: ArrayLike<number>): number[] {
  const [x, y, z, dx, dy, dz, yaw] = box;
  const [px, py, pz] = [point[0] - x, point[1] - y, point[2] - z];
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)];
  return [(cos * px + sin * py) / dx, (cos * py - sin * px) / dy, pz / dz];
}

/** Points on a grid of some 15 cm over a box, at the height of its middle and near its foot. */
function gridOf({ box: [x, y, z, dx, dy, dz, yaw] }: SceneObject): number[][] {
  const [along, aside] = [Math.ceil(dx / 0.15), Math.ceil(dy / 0.15)];
  return Array.from({ length: (along + 1) * (aside + 1) }, (_, i) => {
    const [a, b] = [dx * ((i % (along + 1)) / along - 0.5), dy * (Math.floor(i / (along + 1)) / aside - 0.5)];
    const at = [x + Math.cos(yaw) * a - Math.sin(yaw) * b, y + Math.sin(yaw) * a + Math.cos(yaw) * b];
    return [...at, z - 0.45 * dz];
  });
}
