import * as tf from "@tensorflow/tfjs-core";
import {
  type AnchorTargets,
  clipGradients,
  type DetectorBatch,
  type DetectorConfig,
  detectorGradients,
  oneCycle,
  updateRunningStatistics,
} from "second-detector";
import type { TrainingState } from "./checkpoint.js";
import { type TapLoss, tapLoss } from "./tap-loss.js";

/** One line of `metrics.jsonl`, but for the place in the run and the time. */
export interface StepMetrics {
  /** weighted terms; `entropy` is what the Entropy Loss adds to the total, 0 in a run without it */
  readonly losses: Readonly<Record<"total" | "det" | "cls" | "box" | "dir" | "entropy", number>>;
  /** measured in every run, with or without the loss on them */
  readonly entropy: TapLoss["profile"];
  readonly learningRate: number;
  readonly beta1: number;
  /** global norm before clipping */
  readonly gradientNorm: number;
}

/** Frames of one step, ready for the network. */
export interface TrainingBatch {
  readonly batch: DetectorBatch;
  readonly targets: readonly AnchorTargets[];
}

/**
 * One optimiser step: forward, losses, gradients, clipping, AdamW on the one-cycle schedule, running statistics.
 * @throws Error if the gradients are not finite; the state is then as before
 */
export function trainingStep(
  state: TrainingState,
  { batch, targets }: TrainingBatch,
  { config, totalSteps, entropyLoss }: { config: DetectorConfig; totalSteps: number; entropyLoss: boolean },
): StepMetrics {
  const schedule = oneCycle(state.step, { totalSteps, ...config.training });
  let entropy: TapLoss["profile"] | undefined;
  const result = detectorGradients(state.weights, batch, {
    config,
    targets,
    extraLoss: (taps) => {
      const { loss, profile } = tapLoss(taps, config.entropyLoss, entropyLoss);
      entropy = profile;
      return { total: loss };
    },
  });
  const { gradients, norm } = clipGradients(result.gradients, { maxNorm: config.training.gradientClip });
  state.optimizer.step(gradients, schedule);
  updateRunningStatistics(state.weights, result.batchStatistics, { momentum: config.batchNorm.momentum });
  state.step += 1;

  const read = (name: string) => result.losses[name].dataSync()[0];
  const metrics: StepMetrics = {
    losses: {
      total: read("total"),
      det: read("det"),
      cls: read("cls"),
      box: read("box"),
      dir: read("dir"),
      entropy: read("extra"),
    },
    entropy: entropy!,
    learningRate: schedule.learningRate,
    beta1: schedule.beta1,
    gradientNorm: norm,
  };
  const statistics = Object.values(result.batchStatistics).flatMap(({ mean, variance }) => [mean, variance]);
  tf.dispose([gradients, result.gradients, { ...result.losses }, statistics]);
  return metrics;
}
