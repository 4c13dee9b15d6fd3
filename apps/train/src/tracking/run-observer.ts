import type { Detector } from "../inference/predict-frame.js";
import type { StepMetrics } from "../training/training-step.js";

/** A step as `metrics.jsonl` has it. */
export interface ObservedStep extends Omit<StepMetrics, "beta1"> {
  readonly step: number;
  readonly epoch: number;
  readonly seconds: number;
  readonly waitSeconds: number;
}

/** An evaluation as `validation.jsonl` has it. */
export type ObservedEvaluation = { readonly step: number } & Readonly<Record<string, unknown>>;

/** Is told what a training run writes down, after it is written; changes nothing in the run. */
export interface RunObserver {
  step(line: ObservedStep): void;
  /** @param detector of the state that was evaluated; not to be kept */
  evaluated(line: ObservedEvaluation, detector: Detector): Promise<void>;
}
