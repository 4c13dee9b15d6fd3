import type { Mesh } from "../mesh.js";
import { between, normal, pickWeighted, type Rng } from "./draw.js";
import { fitMesh } from "./fit-mesh.js";
import { type VehicleShape, vehicleMesh } from "./vehicle-body.js";

/** A mesh that fills its size, standing on z = 0 around the origin, facing +x. */
export interface Model {
  readonly mesh: Mesh;
  /** [3] length, width, height, metres */
  readonly size: readonly [number, number, number];
}

const SHAPES = {
  hatchback: {
    ...{ belt: 0.62, boot: 0.6, nose: 0.48, taper: 0.2 },
    ...{ glassBack: -0.47, roofBack: -0.34, roofFront: 0.04, glassFront: 0.23, windowsFrom: -0.4 },
  },
  saloon: {
    ...{ belt: 0.63, boot: 0.66, nose: 0.5, taper: 0.24 },
    ...{ glassBack: -0.36, roofBack: -0.18, roofFront: 0.03, glassFront: 0.2, windowsFrom: -0.25 },
  },
  estate: {
    ...{ belt: 0.62, boot: 0.6, nose: 0.48, taper: 0.2 },
    ...{ glassBack: -0.485, roofBack: -0.4, roofFront: 0.03, glassFront: 0.2, windowsFrom: -0.45 },
  },
  tall: {
    ...{ belt: 0.56, boot: 0.54, nose: 0.48, taper: 0.16 },
    ...{ glassBack: -0.48, roofBack: -0.41, roofFront: 0.1, glassFront: 0.3, windowsFrom: -0.45 },
  },
} satisfies Record<string, VehicleShape>;

/** Lengths around KITTI's mean of 3.88 m; all cars together have its deviation of 0.43 m. */
const KINDS: readonly (readonly [{ readonly shape: VehicleShape; readonly size: Model["size"] }, number])[] = [
  [{ shape: SHAPES.hatchback, size: [3.68, 1.61, 1.49] }, 45],
  [{ shape: SHAPES.saloon, size: [4.2, 1.67, 1.47] }, 25],
  [{ shape: SHAPES.estate, size: [4.2, 1.67, 1.54] }, 15],
  [{ shape: SHAPES.tall, size: [3.75, 1.62, 1.72] }, 15],
];

/** Paints by how common they are on German streets. */
const PAINTS = [
  ["paint-silver", 26],
  ["paint-light", 18],
  ["paint-dark", 38],
  ["paint-blue", 10],
  ["paint-red", 8],
] as const;

/** A hatchback, saloon, estate or tall car, of a size as KITTI's cars have. */
export function car(rng: Rng): Model {
  const kind = pickWeighted(rng, KINDS);
  const [length, width, height] = kind.size;
  const size = [length + 0.33 * normal(rng), width + 0.09 * normal(rng), height + 0.1 * normal(rng)] as const;
  const { roofFront, belt } = kind.shape;
  const shape = {
    ...kind.shape,
    roofFront: roofFront + between(rng, -0.03, 0.03),
    belt: belt + between(rng, -0.02, 0.02),
  };
  return { mesh: fitMesh(vehicleMesh({ shape, paint: pickWeighted(rng, PAINTS), size }), size), size };
}

/** A delivery van with panels or a minibus with windows all round. */
export function van(rng: Rng): Model {
  const size = [5.08 + 0.3 * normal(rng), 1.9 + 0.08 * normal(rng), 2.21 + 0.25 * normal(rng)] as const;
  const shape: VehicleShape = {
    ...{ belt: 0.5, boot: 0.5, nose: 0.42, taper: 0.1 },
    ...{
      glassBack: -0.49,
      roofBack: -0.47,
      roofFront: 0.26,
      glassFront: 0.39,
      windowsFrom: rng() < 0.6 ? 0.05 : -0.46,
    },
  };
  const paint = pickWeighted(rng, [["paint-light", 60], ...PAINTS]);
  return { mesh: fitMesh(vehicleMesh({ shape, paint, size }), size), size };
}
