import { describe, expect, test } from "vitest";
import { buildBvh, joinMeshes, type Mesh, nearestHit, placeMesh } from "../src/index.js";
import { nearestOfAll } from "./oracle/all-triangles.js";
import { randomMesh, randomRays } from "./random-mesh.js";

/** Both ways of solving 3 × 3 systems in float64 lose about this share on triangles of ordinary shape. */
const RELATIVE = 1e-9;

const wall: Mesh = {
  positions: Float32Array.of(5, -1, -1, 5, 1, -1, 5, 1, 1, 5, -1, 1),
  triangles: Uint32Array.of(0, 1, 2, 0, 2, 3),
  materials: Uint8Array.of(0, 0),
};
const ahead = Float64Array.of(0, 0.5, 0, 1, 0, 0);

describe("nearestHit by hand", () => {
  test("meets a wall 5 m ahead, from both sides", () => {
    const bvh = buildBvh(wall);
    expect(nearestHit(bvh, ahead)).toEqual({ triangle: 0, distance: 5 });
    expect(nearestHit(bvh, Float64Array.of(7, 0.5, 0, -1, 0, 0))).toEqual({ triangle: 0, distance: 2 });
    expect(nearestHit(bvh, Float64Array.of(0, -0.5, 0, 1, 0, 0))).toEqual({ triangle: 1, distance: 5 });
  });

  test("counts distance in lengths of the direction", () => {
    expect(nearestHit(buildBvh(wall), Float64Array.of(0, 0.5, 0, 2, 0, 0))?.distance).toBe(2.5);
  });

  test("misses beside it, behind the origin, and along its plane", () => {
    const bvh = buildBvh(wall);
    expect(nearestHit(bvh, Float64Array.of(0, 1.01, 0, 1, 0, 0))).toBeUndefined();
    expect(nearestHit(bvh, Float64Array.of(0, 0, 0, -1, 0, 0))).toBeUndefined();
    expect(nearestHit(bvh, Float64Array.of(5, -3, 0, 0, 1, 0))).toBeUndefined();
  });

  test("meets the edge that two triangles share once, as the lower number", () => {
    expect(nearestHit(buildBvh(wall), Float64Array.of(0, 0, 0, 1, 0, 0))).toEqual({ triangle: 0, distance: 5 });
  });

  test("looks through the first wall at the second when told to look beyond it", () => {
    const bvh = buildBvh(joinMeshes([wall, placeMesh(wall, { position: [4, 0, 0] })]));
    expect(nearestHit(bvh, ahead)?.distance).toBe(5);
    expect(nearestHit(bvh, ahead, 5)).toEqual({ triangle: 2, distance: 9 });
    expect(nearestHit(bvh, ahead, 9)).toBeUndefined();
  });

  test("of equal triangles the lowest number, wherever it stands in the tree", () => {
    const bvh = buildBvh(joinMeshes(Array.from({ length: 40 }, () => wall)));
    expect(nearestHit(bvh, ahead)).toEqual({ triangle: 0, distance: 5 });
  });

  test("of nothing is nothing", () => {
    expect(nearestHit(buildBvh(joinMeshes([])), ahead)).toBeUndefined();
  });
});

describe("nearestHit against looking at every triangle", () => {
  test.each([1, 2, 4, 5, 17, 300])("%i triangles", (count) => {
    for (const seed of [1, 2, 3]) {
      const mesh = randomMesh(count, { seed, size: count > 100 ? 3 : 8 });
      const bvh = buildBvh(mesh);
      let hits = 0;
      for (const ray of randomRays(count > 100 ? 60 : 200, seed)) {
        for (const beyond of [0, 6]) {
          const [hit, expected] = [nearestHit(bvh, ray, beyond), nearestOfAll(mesh, ray, beyond)];
          expect(hit?.triangle, `seed ${seed}, ray ${ray}`).toBe(expected?.triangle);
          if (hit === undefined || expected === undefined) continue;
          hits += 1;
          expect(Math.abs(hit.distance / expected.distance - 1), `seed ${seed}, ray ${ray}`).toBeLessThan(RELATIVE);
        }
      }
      if (count >= 17) expect(hits, `seed ${seed}`).toBeGreaterThan(5);
    }
  });

  test("rays along an axis, from a corner and in the plane of a box's face", () => {
    const mesh = randomMesh(200, { seed: 9, size: 4 });
    for (let k = 0; k < mesh.positions.length; k++) mesh.positions[k] = Math.round(mesh.positions[k]);
    const bvh = buildBvh(mesh);
    for (let y = -9.75; y < 10; y += 0.5) {
      const ray = Float64Array.of(-30, y, 0.125, 1, 0, 0);
      const [hit, expected] = [nearestHit(bvh, ray), nearestOfAll(mesh, ray)];
      expect(hit?.distance ?? -1, `y ${y}`).toBeCloseTo(expected?.distance ?? -1, 9);
    }
  });
});

describe("buildBvh", () => {
  test("keeps every triangle once, each inside the boxes above it", () => {
    const mesh = randomMesh(1000, { seed: 4, size: 1 });
    const { bounds, first, count, triangles } = buildBvh(mesh);
    expect(Uint32Array.from(triangles).sort()).toEqual(Uint32Array.from({ length: 1000 }, (_, i) => i));
    let leaves = 0;
    const visit = (node: number, around: readonly number[]): void => {
      const box = [...bounds.subarray(6 * node, 6 * node + 6)];
      for (let k = 0; k < 3; k++) {
        expect(box[k]).toBeGreaterThanOrEqual(around[k]);
        expect(box[k + 3]).toBeLessThanOrEqual(around[k + 3]);
      }
      if (count[node] === 0) {
        visit(node + 1, box);
        visit(first[node], box);
        return;
      }
      for (let slot = first[node]; slot < first[node] + count[node]; slot++) {
        leaves += 1;
        for (let k = 0; k < 9; k++) {
          const value = mesh.positions[9 * triangles[slot] + k];
          expect(value >= box[k % 3] && value <= box[3 + (k % 3)]).toBe(true);
        }
      }
    };
    visit(0, [-20, -20, -20, 20, 20, 20]);
    expect(leaves).toBe(1000);
  });

  test("stays flat enough for triangles that crowd into one corner, each at half the distance of the one before", () => {
    const positions = new Float32Array(9 * 140);
    for (let i = 0; i < 140; i++) positions.set([2 ** -i, 0, 0, 2 ** -i, 1, 0, 2 ** -i, 0, 1], 9 * i);
    const triangles = Uint32Array.from({ length: 420 }, (_, i) => i);
    const bvh = buildBvh({ positions, triangles, materials: new Uint8Array(140) });
    expect(nearestHit(bvh, Float64Array.of(2, 0.2, 0.2, -1, 0, 0))).toEqual({ triangle: 0, distance: 1 });
    expect(nearestHit(bvh, Float64Array.of(2, 0.2, 0.2, -1, 0, 0), 1.5)).toEqual({ triangle: 2, distance: 1.75 });
  });

  test("refuses meshes that are none", () => {
    expect(() => buildBvh({ ...wall, materials: new Uint8Array(3) })).toThrow(
      "buildBvh: expected [v,3] positions, [t,3] triangles and [t] materials for mesh, got 12, 6 and 3 numbers",
    );
    expect(() => buildBvh({ ...wall, triangles: Uint32Array.of(0, 1, 2, 0, 2, 4) })).toThrow(
      "buildBvh: expected corners below 4 for mesh, got 4 in triangle 1",
    );
    const positions = wall.positions.slice();
    positions[4] = Number.NaN;
    expect(() => buildBvh({ ...wall, positions })).toThrow(
      "buildBvh: expected finite positions for mesh, got NaN in vertex 1",
    );
  });
});
