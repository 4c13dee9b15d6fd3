import { materialIndex } from "../materials.js";
import { joinMeshes, type Mesh } from "../mesh.js";
import { between, normal, type Rng } from "./draw.js";
import { type Point, tube } from "./loft.js";
import { block } from "./solids.js";

/** Leaves in an ellipsoid. */
interface Crown {
  readonly centre: Point;
  readonly radii: Point;
  readonly count: number;
  /** length of a leaf cluster's sides, metres */
  readonly size: number;
}

/** Triangles turned any way, denser towards the outside, between which rays pass. */
function leaves(rng: Rng, { centre, radii, count, size }: Crown): Mesh {
  const positions = new Float32Array(9 * count);
  for (let leaf = 0; leaf < count; leaf++) {
    const direction = [normal(rng), normal(rng), normal(rng)];
    const length = Math.hypot(...direction) || 1;
    const out = rng() ** 0.25;
    for (let k = 0; k < 3; k++) {
      const middle = centre[k] + (radii[k] * out * direction[k]) / length;
      for (let corner = 0; corner < 3; corner++) positions[9 * leaf + 3 * corner + k] = middle + size * (rng() - 0.5);
    }
  }
  return {
    positions,
    triangles: Uint32Array.from({ length: 3 * count }, (_, i) => i),
    materials: new Uint8Array(count).fill(materialIndex("foliage")),
  };
}

/** A trunk with a crown of leaves on branches, on z = 0. */
export function tree(rng: Rng): Mesh {
  const height = between(rng, 4, 11);
  const clear = between(rng, 1.6, 2.8);
  const radius = between(rng, 0.07, 0.24);
  const lean = 0.25 * normal(rng);
  const wide = between(rng, 1.1, 2.6);
  const crown = (height - clear) / 2;
  const top: Point = [lean, lean / 2, height - 0.5];
  const branches = Array.from({ length: 4 }, (_, i) => {
    const angle = (Math.PI * i) / 2 + rng();
    const tip: Point = [0.7 * wide * Math.cos(angle), 0.7 * wide * Math.sin(angle), clear + crown];
    return tube("bark", [[0, 0, clear - 0.2], tip], { radii: [0.4 * radius, 0.03], sides: 4 });
  });
  return joinMeshes([
    tube("bark", [[0, 0, -0.3], [lean / 2, 0, clear], top], { radii: [1.2 * radius, radius, 0.03], sides: 7 }),
    ...branches,
    leaves(rng, {
      centre: [lean / 2, 0, clear + crown],
      radii: [wide, wide, crown],
      count: Math.round(260 * wide),
      size: 0.5,
    }),
  ]);
}

/** A bush of some radius and height, on z = 0. */
export function bush(
  rng: Rng,
  { wide, height } = { wide: between(rng, 0.4, 1.3), height: between(rng, 0.5, 2.6) },
): Mesh {
  return leaves(rng, {
    centre: [0, 0, height / 2],
    radii: [wide, wide, height / 2],
    count: Math.round(80 * wide * height) + 12,
    size: Math.min(0.35, 0.7 * wide),
  });
}

/** A clipped hedge of some length (x), on z = 0: leaves around a core that lets nothing through. */
export function hedge(rng: Rng, length: number): Mesh {
  const [half, height] = [between(rng, 0.25, 0.45), between(rng, 0.8, 2)];
  const outer = leaves(rng, {
    centre: [0, 0, height / 2],
    radii: [1, 1, 1],
    count: Math.round(16 * length * height),
    size: 0.3,
  });
  // spread the ball's leaves over the hedge's block
  const positions = outer.positions.slice();
  for (let leaf = 0; leaf < positions.length; leaf += 9) {
    const to = [length * (rng() - 0.5), (rng() < 0.5 ? -1 : 1) * half, height * rng()];
    if (rng() < 0.3) [to[1], to[2]] = [half * (2 * rng() - 1), height];
    for (let k = 0; k < 3; k++) {
      const middle = (positions[leaf + k] + positions[leaf + 3 + k] + positions[leaf + 6 + k]) / 3;
      for (let corner = 0; corner < 3; corner++) positions[leaf + 3 * corner + k] += to[k] - middle;
    }
  }
  const core = block("foliage", {
    bottom: [-length / 2, length / 2, -0.8 * half, 0.8 * half],
    z: [-0.5, 0.92 * height],
  });
  return joinMeshes([{ ...outer, positions }, core]);
}
