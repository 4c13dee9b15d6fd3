import type { KittiObject } from "kitti-io";
import type { DetectionFrame } from "./detections/detection-columns.js";
import { type DetectionClass, type DetectionEvaluation, evaluateDetections } from "./detections/evaluate-detections.js";
import { usualOverlap } from "./detections/usual-overlap.js";
import { isDontCare } from "./rules.js";

/** The lines of a frame's files. */
export interface FrameObjects {
  readonly id: string;
  readonly labels: readonly KittiObject[];
  readonly results: readonly KittiObject[];
}

/**
 * The tables of every class that is labelled, without calibrations: boxes stand as the camera sees them, x forward, y left, z up from
 * the camera's place, and distances are measured from there. Classes are told apart whatever the case of their letters. How many
 * points an object has is not in these files: there are no bands of points, and no object is ignored. What has no box in space
 * (sizes -1, place -1000) is left out.
 * @param names of classes to evaluate, lower case; default: all
 */
export function evaluateCameraBoxes(frames: readonly FrameObjects[], names?: readonly string[]): DetectionEvaluation {
  const labelled = frames.flatMap(({ labels }) => labels).filter(isInSpace);
  const classes = labelledClasses(labelled).filter(({ name }) => names?.includes(name.toLowerCase()) ?? true);
  const spelling = new Map(classes.map(({ name }) => [name.toLowerCase(), name]));
  const boxed = (object: KittiObject) => ({
    type: spelling.get(object.type.toLowerCase()) ?? object.type,
    box: boxOf(object),
  });
  const made = frames.map(
    ({ id, labels, results }): DetectionFrame => ({
      id,
      objects: labels.filter(isInSpace).map(boxed),
      detections: results.filter(isInSpace).map((object) => ({ ...boxed(object), score: object.score! })),
    }),
  );
  return evaluateDetections(made, { classes, pointBands: [] });
}

/** Not a DontCare region, nor an object that is marked as one of the image alone. */
function isInSpace({ type, dimensions, location }: KittiObject): boolean {
  if (isDontCare(type)) return false;
  return !dimensions.every((size) => size === -1) && !location.every((place) => place === -1000);
}

/** As they are spelt first, in the order of their names. */
function labelledClasses(labelled: readonly KittiObject[]): DetectionClass[] {
  const lengths = new Map<string, { readonly name: string; readonly lengths: number[] }>();
  for (const { type, dimensions } of labelled) {
    const key = type.toLowerCase();
    const of = lengths.get(key) ?? { name: type, lengths: [] };
    of.lengths.push(dimensions[2]);
    lengths.set(key, of);
  }
  return [...lengths.keys()].sort().map((key) => {
    const { name, lengths: all } = lengths.get(key)!;
    return { name, overlap: usualOverlap(all) };
  });
}

/** The camera's x right, y down, z forward and centre of the bottom, as x forward, y left, z up and centre. */
function boxOf({ dimensions: [h, w, l], location: [x, y, z], rotationY }: KittiObject): Float64Array {
  return Float64Array.of(z, -x, h / 2 - y, l, w, h, -rotationY - Math.PI / 2);
}
