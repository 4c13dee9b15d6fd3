import type { Mesh, RayHit } from "../../src/index.js";

type Vector = readonly number[];
const minus = (a: Vector, b: Vector): Vector => a.map((value, k) => value - b[k]);
const dot = (a: Vector, b: Vector): number => a.reduce((sum, value, k) => sum + value * b[k], 0);
const cross = ([ax, ay, az]: Vector, [bx, by, bz]: Vector): Vector => [
  ay * bz - az * by,
  az * bx - ax * bz,
  ax * by - ay * bx,
];

/** The first triangle on a ray by looking at every one: meet its plane, then ask on which side of each edge that is. */
export function nearestOfAll({ positions, triangles }: Mesh, ray: Float64Array, beyond = 0): RayHit | undefined {
  const origin = [...ray.subarray(0, 3)];
  const direction = [...ray.subarray(3, 6)];
  let nearest: RayHit | undefined;
  for (let triangle = 0; triangle < triangles.length / 3; triangle++) {
    const corners = [0, 1, 2].map((k) => {
      const at = 3 * triangles[3 * triangle + k];
      return [...positions.subarray(at, at + 3)];
    });
    const normal = cross(minus(corners[1], corners[0]), minus(corners[2], corners[0]));
    const distance = dot(minus(corners[0], origin), normal) / dot(direction, normal);
    if (!(distance > beyond) || !Number.isFinite(distance)) continue;
    const point = origin.map((value, k) => value + distance * direction[k]);
    const inside = corners.every((corner, k) => {
      const edge = minus(corners[(k + 1) % 3], corner);
      return dot(cross(edge, minus(point, corner)), normal) >= 0;
    });
    if (inside && (nearest === undefined || distance < nearest.distance)) nearest = { triangle, distance };
  }
  return nearest;
}
