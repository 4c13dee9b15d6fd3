import type { MaterialName } from "../materials.js";
import { joinMeshes, type Mesh } from "../mesh.js";
import type { Model } from "./car.js";
import { between, normal, type Rng } from "./draw.js";
import { fitMesh } from "./fit-mesh.js";
import { type Point, tube } from "./loft.js";
import { figure, randomClothes } from "./person.js";

const WHEEL = 0.34;
const REAR: Point = [-0.52, 0, WHEEL];
const FRONT: Point = [0.52, 0, WHEEL];
const CRANK: Point = [-0.1, 0, 0.3];
const SADDLE: Point = [-0.25, 0, 0.92];
const HEAD: Point = [0.36, 0, 0.85];

/** Somebody on a bicycle, leaning forward, one foot down. */
export function cyclist(rng: Rng): Model {
  const size = [1.76 + 0.12 * normal(rng), 0.6 + 0.08 * normal(rng), 1.74 + 0.08 * normal(rng)] as const;
  const turn = 2 * Math.PI * rng();
  const pedal = (side: number): Point => [
    CRANK[0] + 0.17 * side * Math.cos(turn),
    side * 0.13,
    CRANK[2] + 0.05 + 0.17 * side * Math.sin(turn),
  ];
  const knee = ([x, y, z]: Point): Point => [0.6 * x + 0.18, y, 0.55 + 0.5 * z];
  const [left, right] = [pedal(1), pedal(-1)];
  const lean = between(rng, 0.1, 0.3);
  const rider = figure(
    {
      hip: [SADDLE[0], 0, SADDLE[2] + 0.06],
      neck: [SADDLE[0] + lean, 0, 1.46],
      knees: [knee(left), knee(right)],
      feet: [left, right],
      elbows: [
        [0.12, 0.3, 1.15],
        [0.12, -0.3, 1.15],
      ],
      hands: [
        [HEAD[0] + 0.02, 0.27, 1.02],
        [HEAD[0] + 0.02, -0.27, 1.02],
      ],
    },
    randomClothes(rng),
  );
  return { mesh: fitMesh(joinMeshes([rider, bicycle()]), size), size };
}

/** Two wheels with spokes, a frame of tubes, a handlebar and a saddle. */
function bicycle(): Mesh {
  const bar = (from: Point, to: Point, radius = 0.018, material: MaterialName = "metal") =>
    tube(material, [from, to], { radii: [radius, radius], sides: 4 });
  const bars: Point = [HEAD[0] + 0.02, 0, 1.02];
  return joinMeshes([
    ...[REAR, FRONT].flatMap((hub) => wheel(hub)),
    bar(REAR, CRANK),
    bar(REAR, SADDLE),
    bar(CRANK, SADDLE),
    bar(CRANK, HEAD),
    bar([SADDLE[0] + 0.03, 0, 0.8], HEAD),
    bar(HEAD, FRONT),
    bar(HEAD, bars),
    bar([bars[0], -0.28, 1.02], [bars[0], 0.28, 1.02]),
    bar([SADDLE[0] - 0.13, 0, 0.93], [SADDLE[0] + 0.12, 0, 0.93], 0.05, "cloth-dark"),
    bar([-0.8, 0, 0.62], [-0.78, 0, 0.68], 0.04, "lamp"),
  ]);
}

/** A tyre of twelve short tubes, and six spokes. */
function wheel([x, y, z]: Point): Mesh[] {
  const at = (step: number, radius: number): Point => {
    const angle = (Math.PI * step) / 6;
    return [x + radius * Math.cos(angle), y, z + radius * Math.sin(angle)];
  };
  const reach = WHEEL - 0.02;
  return Array.from({ length: 12 }, (_, step) => [
    tube("tyre", [at(step, reach), at(step + 1, reach)], { radii: [0.02, 0.02], sides: 4 }),
    ...(step % 2 === 0 ? [tube("metal", [[x, y, z], at(step, reach)], { radii: [0.006, 0.006], sides: 3 })] : []),
  ]).flat();
}
