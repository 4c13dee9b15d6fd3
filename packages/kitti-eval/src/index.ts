export { encodeEvaluation } from "./encode-evaluation.js";
export {
  type ClassResult,
  type Evaluation,
  evaluateKitti,
  type LevelResults,
  type PlacedResult,
} from "./evaluate-kitti.js";
export type { EvaluationObject } from "./evaluation-object.js";
export { type FormatOptions, formatEvaluation } from "./format-evaluation.js";
export { groundOverlap, imageOverlap, type PlacedObject, spaceOverlap } from "./overlap.js";
export { perfectDetections } from "./perfect-detections.js";
export type { LevelResult } from "./precision-curve.js";
export type { EvaluationClass, Level } from "./rules.js";
