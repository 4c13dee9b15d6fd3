import { seededRandom } from "test-support";
import type { EvaluationObject } from "../src/index.js";

export { seededRandom } from "test-support";

const TYPES = ["Car", "Car", "Car", "Van", "Pedestrian", "Pedestrian", "Person_sitting", "Cyclist", "Truck"];
const HEIGHTS = [20, 24, 30, 38, 45, 80];

/** An object of ground truth; boxes of one frame crowd together, so that matching has choices. */
export function randomObject(rng: () => number): EvaluationObject {
  const pick = <T>(values: readonly T[]) => values[Math.floor(rng() * values.length)];
  const left = rng() * 300;
  const top = 100 + rng() * 60;
  return {
    type: pick(TYPES),
    truncated: pick([0, 0, 0, 0.1, 0.2, 0.4, 0.7]),
    occluded: pick([0, 0, 0, 1, 2, 3]),
    alpha: rng() * 6 - 3,
    bbox: [left, top, left + 40 + rng() * 60, top + pick(HEIGHTS)],
    dimensions: [1.4 + rng() * 0.4, 0.6 + rng(), 1 + rng() * 3],
    location: [rng() * 20 - 10, 1.5 + rng() * 0.5, 8 + rng() * 20],
    rotationY: rng() * 6 - 3,
  };
}

function near(object: EvaluationObject, rng: () => number): EvaluationObject {
  const shake = (values: ArrayLike<number>, by: number) => Array.from(values, (value) => value + (rng() - 0.5) * by);
  return {
    ...object,
    alpha: object.alpha + (rng() - 0.5),
    bbox: shake(object.bbox, 12),
    dimensions: shake(object.dimensions, 0.2),
    location: shake(object.location, 0.4),
    rotationY: object.rotationY + (rng() - 0.5) * 0.4,
  };
}

/** Frames with DontCare regions, found, doubled, mistaken and false detections, and scores with ties. */
export function randomFrames(
  seed: number,
  frameCount: number,
  objectsPerFrame = 6,
): { groundTruth: EvaluationObject[][]; detections: EvaluationObject[][] } {
  const rng = seededRandom(seed);
  const groundTruth: EvaluationObject[][] = [];
  const detections: EvaluationObject[][] = [];
  for (let f = 0; f < frameCount; f++) {
    const objects = Array.from({ length: Math.floor(rng() * (objectsPerFrame + 1)) }, () => randomObject(rng));
    const found = objects.filter(() => rng() < 0.8).map((object) => near(object, rng));
    const doubled = found.filter(() => rng() < 0.3).map((object) => near(object, rng));
    const mistaken = found.filter(() => rng() < 0.2).map((object) => ({ ...object, type: randomObject(rng).type }));
    const wrong = Array.from({ length: Math.floor(rng() * 4) }, () => randomObject(rng));
    const all = [...wrong, ...found, ...doubled, ...mistaken].filter((object) => object.type !== "Truck");
    const region = {
      ...randomObject(rng),
      type: "DontCare",
      dimensions: [-1, -1, -1],
      location: [-1000, -1000, -1000],
    };
    groundTruth.push([...objects, { ...region, truncated: -1, occluded: -1, alpha: -10, rotationY: -10 }]);
    detections.push(all.map((object) => ({ ...object, score: Math.round(rng() * 30) / 30 })));
  }
  return { groundTruth, detections };
}
