// The training step for other apps of this repository: the benchmark measures the step that `eloss train` takes.
export { type BackendReport, useBackend } from "open-backend";
export { openConfig } from "./inference/open-detector.js";
export { newTrainingState, type TrainingState } from "./training/checkpoint.js";
export { trainedTaps } from "./training/tap-loss.js";
export {
  optimiserStep,
  type StepMetrics,
  type StepOptions,
  stepLoss,
  type TrainingBatch,
  trainingStep,
} from "./training/training-step.js";
