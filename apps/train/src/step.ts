// The training step for other apps of this repository: the benchmark measures the step that `eloss train` takes.
export { type BackendReport, useBackend } from "open-backend";
export { newTrainingState, type TrainingState } from "./checkpoint.js";
export { openConfig } from "./open-detector.js";
export { type StepMetrics, type StepStage, type TrainingBatch, trainingStep } from "./training-step.js";
