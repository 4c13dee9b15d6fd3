import type { KittiObject } from "kitti-io";
import type { DetectionFrame } from "./detections/detection-columns.js";
import { type DetectionClass, type DetectionEvaluation, evaluateDetections } from "./detections/evaluate-detections.js";
import { usualOverlap } from "./detections/usual-overlap.js";

/** The lines of a frame's files. */
export interface FrameObjects {
  readonly id: string;
  readonly labels: readonly KittiObject[];
  readonly results: readonly KittiObject[];
}

/**
 * The tables of every class that is labelled, without calibrations: boxes stand as the camera sees them, x forward, y left, z up from
 * the camera's place, and distances are measured from there. Classes are told apart whatever the case of their letters. How many
 * points an object has is not in these files: there are no bands of points, and no object is ignored.
 * @param names of classes to evaluate, lower case; default: all
 */
export function evaluateCameraBoxes(frames: readonly FrameObjects[], names?: readonly string[]): DetectionEvaluation {
  const classes = labelledClasses(frames).filter(({ name }) => names?.includes(name.toLowerCase()) ?? true);
  const spelling = new Map(classes.map(({ name }) => [name.toLowerCase(), name]));
  const inSpace = ({ type }: KittiObject) => type.toLowerCase() !== DONT_CARE;
  const boxed = (object: KittiObject) => ({
    type: spelling.get(object.type.toLowerCase()) ?? object.type,
    box: boxOf(object),
  });
  const made = frames.map(
    ({ id, labels, results }): DetectionFrame => ({
      id,
      objects: labels.filter(inSpace).map(boxed),
      detections: results.filter(inSpace).map((object) => ({ ...boxed(object), score: object.score! })),
    }),
  );
  return evaluateDetections(made, { classes, pointBands: [] });
}

const DONT_CARE = "dontcare";

/** As they are spelt first, in the order of their names. */
function labelledClasses(frames: readonly FrameObjects[]): DetectionClass[] {
  const lengths = new Map<string, { readonly name: string; readonly lengths: number[] }>();
  for (const { type, dimensions } of frames.flatMap(({ labels }) => labels)) {
    const key = type.toLowerCase();
    if (key === DONT_CARE) continue;
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
