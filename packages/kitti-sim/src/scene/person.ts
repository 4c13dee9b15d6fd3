import type { MaterialName } from "../materials.js";
import { joinMeshes, type Mesh } from "../mesh.js";
import type { Model } from "./car.js";
import { between, normal, pick, type Rng } from "./draw.js";
import { fitMesh } from "./fit-mesh.js";
import { ball, loft, type Point, tube } from "./loft.js";

/** Where a body's joints are: hips and shoulders as middles, hands, knees and feet left then right. */
export interface Posture {
  readonly hip: Point;
  readonly neck: Point;
  readonly knees: readonly [Point, Point];
  readonly feet: readonly [Point, Point];
  readonly elbows: readonly [Point, Point];
  readonly hands: readonly [Point, Point];
}

/** What people wear. */
export interface Clothes {
  readonly top: MaterialName;
  readonly trousers: MaterialName;
}

const SHOULDER = 0.2;
const HIP = 0.1;

/** Legs, trunk, arms and head of somebody some 1.75 m tall, facing +x. */
export function figure({ hip, neck, knees, feet, elbows, hands }: Posture, { top, trousers }: Clothes): Mesh {
  const limb = (material: MaterialName, path: readonly Point[], radii: readonly number[]) =>
    tube(material, path, { radii, sides: 6 });
  const aside = ([x, y, z]: Point, by: number): Point => [x, y + by, z];
  const limbs = ([1, -1] as const).flatMap((side, i) => [
    limb(trousers, [aside(hip, side * HIP), knees[i], feet[i]], [0.1, 0.07, 0.05]),
    limb(
      "cloth-dark",
      [
        [feet[i][0] - 0.07, feet[i][1], feet[i][2]],
        [feet[i][0] + 0.18, feet[i][1], feet[i][2]],
      ],
      [0.05, 0.04],
    ),
    limb(top, [aside(neck, side * SHOULDER), elbows[i], hands[i]], [0.065, 0.05, 0.04]),
    ball("skin", hands[i], [0.045, 0.06]),
  ]);
  const along = (share: number): Point => [
    hip[0] + share * (neck[0] - hip[0]),
    hip[1] + share * (neck[1] - hip[1]),
    hip[2] + share * (neck[2] - hip[2]),
  ];
  const oval = (share: number, [deep, wide]: readonly [number, number]): Point[] => {
    const [x, y, z] = along(share);
    return Array.from({ length: 8 }, (_, i): Point => {
      const angle = (Math.PI * i) / 4;
      return [x + deep * Math.cos(angle), y + wide * Math.sin(angle), z];
    });
  };
  const trunk = [
    oval(-0.08, [0.1, 0.15]),
    oval(0.1, [0.12, 0.17]),
    oval(0.6, [0.12, 0.18]),
    oval(0.95, [0.1, 0.2]),
    oval(1.08, [0.05, 0.07]),
  ];
  const head: Point = [neck[0] + 0.04, neck[1], neck[2] + 0.2];
  return joinMeshes([...limbs, loft(trunk, top), ball("skin", head, [0.095, 0.13])]);
}

/** Somebody who walks or stands, perhaps with a bag. */
export function pedestrian(rng: Rng): Model {
  const size = [
    Math.max(0.45, 0.84 + 0.2 * normal(rng)),
    Math.max(0.45, 0.66 + 0.11 * normal(rng)),
    1.76 + 0.1 * normal(rng),
  ] as const;
  const stride = between(rng, 0.12, 0.36);
  const swing = stride * between(rng, 0.5, 0.9);
  const step = (side: number, front: number): { knee: Point; foot: Point; elbow: Point; hand: Point } => ({
    knee: [0.6 * front * stride + 0.06, side * 0.1, 0.5],
    foot: [front * stride, side * 0.1, 0.05 + (front < 0 ? 0.06 : 0)],
    elbow: [-0.5 * front * swing, side * 0.27, 1.14],
    hand: [-front * swing + 0.08, side * 0.27, 0.9],
  });
  const lead = rng() < 0.5 ? 1 : -1;
  const [left, right] = [step(1, lead), step(-1, -lead)];
  const clothes = randomClothes(rng);
  const body = figure(
    {
      hip: [0, 0, 0.92],
      neck: [0.03, 0, 1.46],
      knees: [left.knee, right.knee],
      feet: [left.foot, right.foot],
      elbows: [left.elbow, right.elbow],
      hands: [left.hand, right.hand],
    },
    clothes,
  );
  const bag = tube(
    clothes.trousers,
    [
      [-0.18, 0, 1.05],
      [-0.18, 0, 1.4],
    ],
    { radii: [0.13, 0.11], sides: 6 },
  );
  return { mesh: fitMesh(rng() < 0.3 ? joinMeshes([body, bag]) : body, size), size };
}

/** Tops lighter than trousers as a rule. */
export function randomClothes(rng: Rng): Clothes {
  return {
    top: pick(rng, ["cloth-dark", "cloth-light", "cloth-light", "cloth-red"]),
    trousers: pick(rng, ["cloth-dark", "cloth-dark", "cloth-light"]),
  };
}
