import { type MaterialName, materialIndex } from "../materials.js";
import type { Mesh } from "../mesh.js";

/** x, y, z, metres. */
export type Point = readonly [number, number, number];

/** The material of a loft's face: between ring `band` and the next, from corner `side` of a ring to the next. */
export type FaceMaterial = (band: number, side: number) => MaterialName;

/**
 * A skin over closed rings, with flat ends: a car's body, a torso, a tube.
 *
 *      ring 0   ring 1   ring 2      corners run right-handed about the way from the
 *        |--------|--------|         first ring to the last; all rings have as many
 *         band 0   band 1
 */
export function loft(rings: readonly (readonly Point[])[], material: MaterialName | FaceMaterial): Mesh {
  const faceMaterial = typeof material === "string" ? () => material : material;
  const corners = rings[0].length;
  const last = rings.length - 1;
  const triangles: number[] = [];
  const materials: number[] = [];
  const add = (name: MaterialName, ...indices: number[]) => {
    triangles.push(...indices);
    materials.push(materialIndex(name));
  };
  for (let band = 0; band < last; band++) {
    for (let side = 0; side < corners; side++) {
      const next = (side + 1) % corners;
      const [a, b] = [band * corners + side, band * corners + next];
      const [c, d] = [a + corners, b + corners];
      add(faceMaterial(band, side), a, b, d);
      add(faceMaterial(band, side), a, d, c);
    }
  }
  for (let side = 1; side + 1 < corners; side++) {
    add(faceMaterial(0, side), 0, side + 1, side);
    add(faceMaterial(last - 1, side), last * corners, last * corners + side, last * corners + side + 1);
  }
  return {
    positions: Float32Array.from(rings.flat(2)),
    triangles: Uint32Array.from(triangles),
    materials: Uint8Array.from(materials),
  };
}

/** A round bar through points, given its radius at each: a pole, an arm, a bicycle's frame. */
export function tube(
  material: MaterialName,
  path: readonly Point[],
  { radii, sides = 6 }: { radii: readonly number[]; sides?: number },
): Mesh {
  const rings = path.map((point, i) => {
    const [before, after] = [path[Math.max(0, i - 1)], path[Math.min(path.length - 1, i + 1)]];
    const { u, v } = across([after[0] - before[0], after[1] - before[1], after[2] - before[2]]);
    return Array.from({ length: sides }, (_, side): Point => {
      const angle = (2 * Math.PI * side) / sides;
      const [cos, sin] = [radii[i] * Math.cos(angle), radii[i] * Math.sin(angle)];
      return [
        point[0] + cos * u[0] + sin * v[0],
        point[1] + cos * u[1] + sin * v[1],
        point[2] + cos * u[2] + sin * v[2],
      ];
    });
  });
  return loft(rings, material);
}

/** A wheel's or sign's disc: a short cylinder whose axis is level, across a direction. */
export function disc(
  material: MaterialName,
  centre: Point,
  { radius, axis, sides = 12 }: { radius: number; axis: Point; sides?: number },
): Mesh {
  const half = (sign: number): Point => [
    centre[0] + (sign * axis[0]) / 2,
    centre[1] + (sign * axis[1]) / 2,
    centre[2] + (sign * axis[2]) / 2,
  ];
  return tube(material, [half(-1), half(1)], { radii: [radius, radius], sides });
}

/** A ball stretched along z: a head. */
export function ball(material: MaterialName, [x, y, z]: Point, [radius, half]: readonly [number, number]): Mesh {
  const levels = [-1, -0.8, -0.35, 0.35, 0.8, 1];
  return tube(
    material,
    levels.map((level) => [x, y, z + half * level]),
    { radii: levels.map((level) => radius * Math.sqrt(Math.max(0.05, 1 - level * level))), sides: 8 },
  );
}

/** Two directions of length 1 across a direction and each other, right-handed with it. */
function across([x, y, z]: Point): { u: Point; v: Point } {
  const length = Math.hypot(x, y, z);
  const d: Point = [x / length, y / length, z / length];
  const u = Math.abs(d[2]) < 0.9 ? unit([-d[1], d[0], 0]) : unit([0, -d[2], d[1]]);
  return { u, v: [d[1] * u[2] - d[2] * u[1], d[2] * u[0] - d[0] * u[2], d[0] * u[1] - d[1] * u[0]] };
}

function unit([x, y, z]: Point): Point {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}
