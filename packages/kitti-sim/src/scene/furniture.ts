import { joinMeshes, type Mesh } from "../mesh.js";
import { between, pick, type Rng } from "./draw.js";
import { disc, tube } from "./loft.js";
import { block } from "./solids.js";

/** A street lamp or a plain post, on z = 0. */
export function lampPost(rng: Rng): Mesh {
  const [height, radius, arm] = [between(rng, 4, 8), between(rng, 0.05, 0.1), between(rng, 0.3, 1.6)];
  return joinMeshes([
    tube(
      "metal",
      [
        [0, 0, -0.3],
        [0, 0, height],
      ],
      { radii: [radius, 0.7 * radius], sides: 8 },
    ),
    tube(
      "metal",
      [
        [0, 0, height],
        [0, -arm, height + 0.1],
      ],
      { radii: [0.04, 0.04], sides: 4 },
    ),
    block("metal", { bottom: [-0.12, 0.12, -arm - 0.3, -arm + 0.2], z: [height, height + 0.12] }),
  ]);
}

/** A traffic sign whose face looks towards -x, on z = 0. */
export function trafficSign(rng: Rng): Mesh {
  const height = between(rng, 2, 2.6);
  const post = tube(
    "metal",
    [
      [0, 0, -0.3],
      [0, 0, height + 0.3],
    ],
    { radii: [0.035, 0.035], sides: 6 },
  );
  const face =
    rng() < 0.6
      ? disc("sign", [-0.05, 0, height], { radius: 0.3, axis: [0.02, 0, 0] })
      : block("sign", { bottom: [-0.06, -0.04, -0.3, 0.3], z: [height - 0.3, height + 0.3] });
  return joinMeshes([post, face]);
}

/** A garden wall of some length (x), on z = 0. */
export function gardenWall(rng: Rng, length: number): Mesh {
  const height = between(rng, 0.5, 2);
  const material = pick(rng, ["brick", "concrete", "plaster"]);
  return joinMeshes([
    block(material, { bottom: [-length / 2, length / 2, -0.1, 0.1], z: [-0.5, height] }),
    block("concrete", { bottom: [-length / 2, length / 2, -0.15, 0.15], z: [height, height + 0.06] }),
  ]);
}

/** A fence of posts, rails and pales with gaps, of some length (x), on z = 0. */
export function fence(rng: Rng, length: number): Mesh {
  const [height, pitch] = [between(rng, 0.8, 1.7), between(rng, 0.14, 0.3)];
  const material = pick(rng, ["bark", "metal", "cloth-light"]);
  const rail = (z: number) => block(material, { bottom: [-length / 2, length / 2, -0.02, 0.02], z: [z, z + 0.06] });
  const pales = Array.from({ length: Math.floor(length / pitch) }, (_, i) => {
    const x = -length / 2 + (i + 0.5) * pitch;
    return block(material, { bottom: [x - 0.2 * pitch, x + 0.2 * pitch, -0.035, -0.02], z: [-0.3, height] });
  });
  return joinMeshes([rail(0.25 * height), rail(0.8 * height), ...pales]);
}

/** A waste bin, a box of the power company or a bollard, on z = 0. */
export function box(rng: Rng): Mesh {
  const [a, b, height] = [between(rng, 0.1, 0.4), between(rng, 0.1, 0.3), between(rng, 0.6, 1.3)];
  return block(pick(rng, ["metal", "concrete", "cloth-dark", "paint-blue"]), {
    bottom: [-a, a, -b, b],
    z: [-0.2, height],
  });
}
