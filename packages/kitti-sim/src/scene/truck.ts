import { joinMeshes } from "../mesh.js";
import type { Model } from "./car.js";
import { between, normal, pick, type Rng } from "./draw.js";
import { fitMesh } from "./fit-mesh.js";
import { disc } from "./loft.js";
import { block } from "./solids.js";

/** A lorry: a cab with a windscreen before a box on a frame with wheels. */
export function truck(rng: Rng): Model {
  const size = [10.1 + 2.2 * normal(rng), 2.59 + 0.12 * normal(rng), 3.25 + 0.3 * normal(rng)] as const;
  const [l, w, h] = size;
  const paint = pick(rng, ["paint-light", "paint-red", "paint-blue", "paint-silver"]);
  const box = pick(rng, ["paint-light", "paint-silver", "cloth-light", "paint-blue"]);
  const [nose, cab, half] = [l / 2, l / 2 - 2, w / 2];
  const cabTop = h * between(rng, 0.78, 0.95);
  const wheels = [nose - 1.2, -0.1 * l, -0.32 * l, -0.4 * l].flatMap((x) =>
    [-1, 1].map((side) => disc("tyre", [x, side * (half - 0.2), 0.5], { radius: 0.5, axis: [0, 0.3, 0] })),
  );
  const mesh = joinMeshes([
    block(paint, { bottom: [cab, nose, -0.95 * half, 0.95 * half], z: [0.55, 1.5] }),
    block("glass", {
      bottom: [cab + 0.3, nose, -0.95 * half, 0.95 * half],
      top: [cab + 0.3, nose - 0.25, -0.9 * half, 0.9 * half],
      z: [1.5, 0.85 * cabTop],
    }),
    block(paint, { bottom: [cab, cab + 0.3, -0.95 * half, 0.95 * half], z: [1.5, 0.85 * cabTop] }),
    block(paint, { bottom: [cab, nose - 0.25, -0.92 * half, 0.92 * half], z: [0.85 * cabTop, cabTop] }),
    block("cloth-dark", { bottom: [cab + 0.35, cab + 0.6, -0.8 * half, 0.8 * half], z: [1.5, 2] }),
    block("metal", { bottom: [-l / 2 + 0.3, cab, -0.4, 0.4], z: [0.6, 0.95] }),
    block(box, { bottom: [-l / 2, cab - 0.25, -half, half], z: [0.95, h] }),
    block("metal", { bottom: [-l / 2 + 0.05, -l / 2 + 0.12, -0.9 * half, 0.9 * half], z: [0.45, 0.6] }),
    ...[-1, 1].map((side) =>
      block("lamp", {
        bottom: [-l / 2, -l / 2 + 0.1, side * 0.75 * half - 0.15, side * 0.75 * half + 0.15],
        z: [0.6, 0.75],
      }),
    ),
    ...wheels,
  ]);
  return { mesh: fitMesh(mesh, size), size };
}
