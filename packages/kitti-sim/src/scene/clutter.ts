import { joinMeshes, type Mesh } from "../mesh.js";
import { between, pick, type Rng } from "./draw.js";
import { disc, type Point, tube } from "./loft.js";
import { block } from "./solids.js";
import { bush } from "./vegetation.js";

/*
 * What a detector takes for people on real streets, as seen in real frames: things about as high and wide as somebody,
 * most of them upright and round.
 */

const up = (z: number): Point => [0, 0, z];

/** A mast of a signal or a tram's wire, thicker than a lamp's; some carry a round sign, a button or a cabinet low down. On z = 0. */
export function mast(rng: Rng): Mesh {
  const [height, radius] = [between(rng, 2.2, 9), between(rng, 0.06, 0.17)];
  const material = pick(rng, ["metal", "concrete", "cloth-light"]);
  const pole = tube(material, [up(-0.3), up(height)], { radii: [radius, 0.85 * radius], sides: 9 });
  return joinMeshes([pole, ...fitting(rng, radius)]);
}

function fitting(rng: Rng, radius: number): Mesh[] {
  const kind = rng();
  if (kind < 0.35) return [];
  const z = between(rng, 0.7, 1.8);
  if (kind < 0.65) {
    return [
      disc(pick(rng, ["sign", "metal"]), [-radius - 0.03, 0, z], {
        radius: between(rng, 0.2, 0.32),
        axis: [0.02, 0, 0],
      }),
    ];
  }
  const [wide, deep, tall] = [between(rng, 0.08, 0.3), between(rng, 0.08, 0.25), between(rng, 0.2, 0.9)];
  return [
    block(pick(rng, ["metal", "cloth-dark", "paint-light"]), {
      bottom: [-deep, deep, -wide, wide],
      z: [z - tall / 2, z + tall / 2],
    }),
  ];
}

/** A bollard or a hydrant with a rounded head, on z = 0. */
export function bollard(rng: Rng): Mesh {
  const [height, radius] = [between(rng, 0.5, 1.3), between(rng, 0.04, 0.16)];
  return tube(pick(rng, ["metal", "concrete", "cloth-red", "cloth-dark"]), [up(-0.2), up(0.9 * height), up(height)], {
    radii: [radius, radius, 0.4 * radius],
    sides: 8,
  });
}

/** An advertisement, a ticket machine, a letter box: a board or a cabinet, with or without a foot, on z = 0. */
export function board(rng: Rng): Mesh {
  const [wide, deep, height] = [between(rng, 0.2, 0.5), between(rng, 0.04, 0.3), between(rng, 1, 2.1)];
  const foot = rng() < 0.4 ? between(rng, 0.3, 0.8) : -0.2;
  const body = block(pick(rng, ["metal", "cloth-light", "paint-blue", "cloth-red", "cloth-dark"]), {
    bottom: [-deep, deep, -wide, wide],
    z: [foot, height],
  });
  return foot < 0
    ? body
    : joinMeshes([body, tube("metal", [up(-0.2), up(foot + 0.02)], { radii: [0.05, 0.05], sides: 6 })]);
}

/** A trunk without branches within reach, which may lean and fork, on z = 0. */
export function trunk(rng: Rng): Mesh {
  const [height, radius] = [between(rng, 2.5, 7), between(rng, 0.08, 0.28)];
  const [x, y] = [between(rng, -0.4, 0.4), between(rng, -0.4, 0.4)];
  const stem = tube("bark", [up(-0.3), up(0.4), [x, y, height]], {
    radii: [1.3 * radius, radius, 0.6 * radius],
    sides: 8,
  });
  if (rng() < 0.7) return stem;
  const fork = between(rng, 0.8, 1.8) / height;
  const branch = tube(
    "bark",
    [
      [fork * x, fork * y, fork * height],
      [-2 * x, -2 * y, 0.9 * height],
    ],
    {
      radii: [0.7 * radius, 0.3 * radius],
      sides: 6,
    },
  );
  return joinMeshes([stem, branch]);
}

/** A column or a pier of a wall, as wide as somebody, on z = 0. */
export function pier(rng: Rng): Mesh {
  const [a, b] = [between(rng, 0.15, 0.4), between(rng, 0.15, 0.35)];
  return block(pick(rng, ["plaster", "brick", "concrete"]), {
    bottom: [-a, a, -b, b],
    z: [-0.3, between(rng, 1.2, 3.5)],
  });
}

/** A shrub no wider than somebody, on z = 0. */
export function shrub(rng: Rng): Mesh {
  return bush(rng, { wide: between(rng, 0.2, 0.55), height: between(rng, 0.7, 2) });
}

/** How common each is. */
export const CLUTTER = [
  [mast, 26],
  [bollard, 16],
  [board, 14],
  [trunk, 18],
  [pier, 8],
  [shrub, 18],
] as const;
