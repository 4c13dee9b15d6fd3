import type { EvaluationObject } from "./evaluation-object.js";
import { classCode, isDontCare, LEVEL_LIMITS, type Level, NEIGHBOUR, OTHER } from "./rules.js";

/** Objects of all frames end to end; those of frame f are `frameStarts[f]` up to `frameStarts[f + 1]`. */
export interface ObjectColumns {
  readonly objects: readonly EvaluationObject[];
  readonly frameStarts: Int32Array;
  /** Class code of each object, see `classCode`. */
  readonly classes: Int8Array;
}

/** Ground truth that some class looks at, without its DontCare regions. */
export function groundTruthColumns(frames: readonly (readonly EvaluationObject[])[]): ObjectColumns {
  return columnsOf(frames, (object) => classCode(object.type) !== OTHER);
}

/** The DontCare regions alone. */
export function regionColumns(frames: readonly (readonly EvaluationObject[])[]): ObjectColumns {
  return columnsOf(frames, (object) => isDontCare(object.type));
}

/** Every detection: one too low for a level is looked at by all classes. */
export function detectionColumns(frames: readonly (readonly EvaluationObject[])[]): ObjectColumns {
  return columnsOf(frames, () => true);
}

function columnsOf(
  frames: readonly (readonly EvaluationObject[])[],
  keep: (object: EvaluationObject) => boolean,
): ObjectColumns {
  const objects: EvaluationObject[] = [];
  const frameStarts = new Int32Array(frames.length + 1);
  frames.forEach((frame, f) => {
    for (const object of frame) if (keep(object)) objects.push(object);
    frameStarts[f + 1] = objects.length;
  });
  return { objects, frameStarts, classes: Int8Array.from(objects, (object) => classCode(object.type)) };
}

/** Counts: a ground truth that must be found, a detection that is right or wrong. */
export const VALID = 0;
/** May be matched, and then counts as nothing. */
export const IGNORED = 1;
/** Not there at all for this class. */
export const ABSENT = -1;

/** VALID, IGNORED or ABSENT for each ground truth, looked at by one class at one level. */
export function groundTruthStates(groundTruth: ObjectColumns, classIndex: number, level: Level): Int8Array {
  const limits = LEVEL_LIMITS[level];
  return Int8Array.from(groundTruth.objects, (object, i) => {
    const code = groundTruth.classes[i];
    if (code === classIndex + NEIGHBOUR) return IGNORED;
    if (code !== classIndex) return ABSENT;
    const height = object.bbox[3] - object.bbox[1];
    const tooHard = height <= limits.height || object.occluded > limits.occluded || object.truncated > limits.truncated;
    return tooHard ? IGNORED : VALID;
  });
}

/** The same for detections. A detection too low for the level is ignored whatever its class. */
export function detectionStates(detections: ObjectColumns, classIndex: number, level: Level): Int8Array {
  const limit = LEVEL_LIMITS[level].height;
  return Int8Array.from(detections.objects, (object, i) => {
    if (Math.abs(object.bbox[1] - object.bbox[3]) < limit) return IGNORED;
    return detections.classes[i] === classIndex ? VALID : ABSENT;
  });
}
