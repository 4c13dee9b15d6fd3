export type { Confusion } from "./detections/class-confusion.js";
export type { DetectionFrame, LabelledBox, LidarBox, ScoredBox } from "./detections/detection-columns.js";
export {
  type DetectionClass,
  type DetectionClassResult,
  type DetectionEvaluation,
  type DetectionOptions,
  evaluateDetections,
  type GroupPrecision,
} from "./detections/evaluate-detections.js";
export type { Band } from "./detections/groups.js";
export type { MatchErrors } from "./detections/match-errors.js";
export { renderTables } from "./detections/render-tables.js";
export { usualOverlap } from "./detections/usual-overlap.js";
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
export { type PrecisionOptions, resampledPrecision } from "./resampled-precision.js";
export { type EvaluationClass, LEVEL_LIMITS, type Level, type LevelLimits } from "./rules.js";
export { type ShareOfPossible, type SharesOptions, sharesOfPossible } from "./shares-of-possible.js";
