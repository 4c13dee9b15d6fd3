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

/** What one class at one level makes of every object: VALID, IGNORED or ABSENT. */
export interface ClassView {
  /** [ground truths] */
  readonly groundTruthStates: Int8Array;
  /** [detections] */
  readonly detectionStates: Int8Array;
  /** Number of valid ground truths. */
  readonly objectCount: number;
}

export function classView(
  groundTruth: ObjectColumns,
  detections: ObjectColumns,
  { classIndex, level }: { readonly classIndex: number; readonly level: Level },
): ClassView {
  const limits = LEVEL_LIMITS[level];
  const groundTruthStates = new Int8Array(groundTruth.objects.length).fill(ABSENT);
  let objectCount = 0;
  for (let g = 0; g < groundTruthStates.length; g++) {
    const { bbox, occluded, truncated } = groundTruth.objects[g];
    const code = groundTruth.classes[g];
    if (code === classIndex + NEIGHBOUR) groundTruthStates[g] = IGNORED;
    if (code !== classIndex) continue;
    const tooHard = bbox[3] - bbox[1] <= limits.height || occluded > limits.occluded || truncated > limits.truncated;
    groundTruthStates[g] = tooHard ? IGNORED : VALID;
    if (!tooHard) objectCount++;
  }
  const detectionStates = new Int8Array(detections.objects.length).fill(ABSENT);
  for (let d = 0; d < detectionStates.length; d++) {
    const { bbox } = detections.objects[d];
    // too low comes first: such a detection is ignored whatever its class
    if (Math.abs(bbox[1] - bbox[3]) < limits.height) detectionStates[d] = IGNORED;
    else if (detections.classes[d] === classIndex) detectionStates[d] = VALID;
  }
  return { groundTruthStates, detectionStates, objectCount };
}
