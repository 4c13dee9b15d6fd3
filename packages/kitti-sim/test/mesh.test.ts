import { describe, expect, test } from "vitest";
import { joinMeshes, MATERIALS, type MaterialName, type Mesh, materialIndex, placeMesh } from "../src/index.js";

const triangle: Mesh = {
  positions: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 2, 1),
  triangles: Uint32Array.of(0, 1, 2),
  materials: Uint8Array.of(3),
};

describe("placeMesh", () => {
  test("scales, then turns a quarter to the left, then moves", () => {
    const placed = placeMesh(triangle, { position: [10, 20, 30], yaw: Math.PI / 2, scale: [2, 3, 4] });
    // (1, 0, 0) -> (2, 0, 0) -> (0, 2, 0); (0, 2, 1) -> (0, 6, 4) -> (-6, 0, 4)
    const expected = [10, 20, 30, 10, 22, 30, 4, 20, 34];
    placed.positions.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
    expect(placed.triangles).toEqual(triangle.triangles);
    expect(placed.materials).toEqual(triangle.materials);
  });

  test("leaves the mesh that it was given as it was, and shares no memory with it", () => {
    const before = structuredClone(triangle);
    const placed = placeMesh(triangle, {});
    expect(placed).toEqual(before);
    placed.positions.fill(9);
    placed.triangles.fill(9);
    placed.materials.fill(9);
    expect(triangle).toEqual(before);
  });
});

describe("joinMeshes", () => {
  test("numbers the corners of later meshes after those of earlier ones", () => {
    const joined = joinMeshes([triangle, placeMesh(triangle, { position: [5, 0, 0] })]);
    expect([...joined.triangles]).toEqual([0, 1, 2, 3, 4, 5]);
    expect([...joined.positions.subarray(9)]).toEqual([5, 0, 0, 6, 0, 0, 5, 2, 1]);
    expect([...joined.materials]).toEqual([3, 3]);
  });

  test("of nothing is nothing", () => {
    const none = joinMeshes([]);
    expect([none.positions.length, none.triangles.length, none.materials.length]).toEqual([0, 0, 0]);
  });
});

describe("materials", () => {
  test("are found under their names", () => {
    MATERIALS.forEach(({ name }, index) => {
      expect(materialIndex(name as MaterialName)).toBe(index);
    });
    expect(() => materialIndex("gold" as MaterialName)).toThrow(/materialIndex: expected one of asphalt, .* got gold/);
  });

  test("send back no more light than they receive, and let through only the rest", () => {
    for (const { reflectance, transmission, colour } of MATERIALS) {
      expect(reflectance).toBeGreaterThan(0);
      expect(reflectance + transmission).toBeLessThanOrEqual(1);
      for (const channel of colour) expect(channel).toBeLessThanOrEqual(255);
    }
  });
});
