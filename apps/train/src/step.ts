// The training step, and the way from a frame to it, for other apps of this repository: the benchmark measures the step that
// `eloss train` takes.
export { type BackendReport, useBackend } from "open-backend";
export { collateInputs, type TrainingInput, trainingInput } from "./frames/network-input.js";
export { openDataSource } from "./frames/open-data-source.js";
export { readVisibleFrame, type VisibleFrame } from "./frames/visible-frame.js";
export { metresOf } from "./inference/lift.js";
export { openRecipe } from "./recipe/open-recipe.js";
export type { Recipe } from "./recipe/recipe-schema.js";
export { newTrainingState, type TrainingState } from "./training/checkpoint.js";
export { averageInOrder } from "./training/sharded-step.js";
export { trainedTaps } from "./training/tap-loss.js";
export { openBatches } from "./training/training-batches.js";
export {
  optimiserStep,
  type StepMetrics,
  type StepOptions,
  stepLoss,
  type TrainingBatch,
  trainingStep,
} from "./training/training-step.js";
