import { seededRandom } from "test-support";
import type { LabelledScan } from "../src/index.js";

/** Objects side by side that do not overlap, with points in each, and background among them. */
export function randomScene(seed: number, objects = 6): LabelledScan {
  const rng = seededRandom(seed);
  const points: number[] = [];
  const boxes: number[] = [];
  const labels: number[] = [];
  for (let i = 0; i < objects; i++) {
    const [dx, dy, dz] = [1 + 3 * rng(), 0.5 + 1.5 * rng(), 1 + rng()];
    const box = [8 + 9 * i + rng(), 20 * (rng() - 0.5), -1 + 0.3 * rng(), dx, dy, dz, 2 * Math.PI * (rng() - 0.5)];
    boxes.push(...box);
    labels.push(Math.floor(3 * rng()));
    for (let p = 0; p < 20; p++) points.push(...inside(box, rng), rng());
  }
  for (let p = 0; p < 300; p++) points.push(70 * rng(), 80 * (rng() - 0.5), -1.7 + 0.2 * rng(), rng());
  return { points: Float32Array.from(points), boxes: Float64Array.from(boxes), labels: Int32Array.from(labels) };
}

/** A point well inside a box: a hundredth of its size from the faces at least, far more than float32 rounds. */
function inside([x, y, z, dx, dy, dz, yaw]: number[], rng: () => number): [number, number, number] {
  const along = 0.98 * dx * (rng() - 0.5);
  const across = 0.98 * dy * (rng() - 0.5);
  return [
    x + along * Math.cos(yaw) - across * Math.sin(yaw),
    y + along * Math.sin(yaw) + across * Math.cos(yaw),
    z + 0.98 * dz * (rng() - 0.5),
  ];
}

export const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8] as const;
