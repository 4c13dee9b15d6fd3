import { seededRandom } from "test-support";
import type { DetectionFrame, EvaluationObject } from "../src/index.js";

type Box = Float64Array;

/** Streets with found, doubled, mistaken and false boxes of three classes; scores apart from each other. */
export function randomDetectionFrames(seed: number, frameCount: number): DetectionFrame[] {
  const rng = seededRandom(seed);
  const pick = <T>(values: readonly T[]) => values[Math.floor(rng() * values.length)];
  const sizes: Record<string, number[]> = { Car: [4, 1.7, 1.5], Bus: [9, 2.6, 3], Bike: [1.8, 0.6, 1.7] };
  const box = (type: string): Box => {
    const [dx, dy, dz] = sizes[type];
    const place = [rng() * 60, rng() * 20 - 10, rng() - 1];
    return Float64Array.of(...place, dx + rng(), dy + rng() / 5, dz + rng() / 5, rng() * 6 - 3);
  };
  const near = (of: Box, by: number): Box => of.map((value) => value + (rng() - 0.5) * by);
  return Array.from({ length: frameCount }, (_, f) => {
    const type = () => pick(Object.keys(sizes));
    const objects = Array.from({ length: Math.floor(rng() * 8) }, () => {
      const name = type();
      return { type: name, box: box(name), points: 1 + Math.floor(rng() * 80) };
    });
    const found = objects
      .filter(() => rng() < 0.85)
      .map(({ type, box }) => ({ type: rng() < 0.9 ? type : pick(Object.keys(sizes)), box: near(box, 0.3) }));
    const doubled = found.filter(() => rng() < 0.2).map(({ type, box }) => ({ type, box: near(box, 0.3) }));
    const wrong = Array.from({ length: Math.floor(rng() * 3) }, () => {
      const name = type();
      return { type: name, box: box(name) };
    });
    const detections = [...wrong, ...found, ...doubled].map((of) => ({ ...of, score: rng() }));
    return { id: String(f), objects, detections };
  });
}

/** The same box as a line of KITTI's files, tall enough in the image for every level. */
export function kittiObject(
  { box, ...rest }: { type: string; box: ArrayLike<number>; score?: number },
  type: string,
): EvaluationObject {
  const [x, y, z, length, width, height, yaw] = Array.from(box);
  return {
    type,
    truncated: 0,
    occluded: 0,
    alpha: 0,
    bbox: [0, 0, 100, 100],
    dimensions: [height, width, length],
    location: [-y, height / 2 - z, x],
    rotationY: -yaw - Math.PI / 2,
    score: rest.score,
  };
}
