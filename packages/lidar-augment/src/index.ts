export { type Augmentation, augmentScan } from "./augment-scan.js";
export { boxesOverlap } from "./boxes-overlap.js";
export { changeReturns, type ReturnOptions } from "./change-returns.js";
export { CORRUPTIONS, type Corruption, corruptPoints } from "./corruptions/corruptions.js";
export { cutSector, dropBeams, jitterPoints, raiseSensor } from "./corruptions/sensor-faults.js";
export { type AirOptions, fogExtinction, rainExtinction, snowExtinction, throughAir } from "./corruptions/weather.js";
export {
  drawGlobalTransform,
  type GlobalTransform,
  type GlobalTransformRanges,
  transformScan,
} from "./global-transform.js";
export {
  buildSampleDatabase,
  cutObjects,
  type SampleDatabase,
  type SampleObject,
  type SamplingOptions,
  sampleGroundTruth,
} from "./ground-truth-sampling.js";
export type { LabelledScan } from "./labelled-scan.js";
export { moveObjects, type ObjectNoiseOptions } from "./object-noise.js";
export { type ObjectScalingOptions, scaleObjects } from "./object-scaling.js";
export { boxOfEachPoint, pointsInBox } from "./points-in-boxes.js";
export { filterRange, type PointRange } from "./range-filter.js";
export { shufflePoints } from "./shuffle-points.js";
