import * as tf from "@tensorflow/tfjs-core";
import type { EntropyProfile } from "entropy-loss";
import {
  type AnchorTargets,
  clipFactor,
  type DetectorBatch,
  type DetectorConfig,
  detectorGradients,
  fetchValues,
  oneCycle,
  updateRunningStatistics,
} from "second-detector";
import type { TrainingState } from "./checkpoint.js";
import { readTapProfile, scheduled, tapLoss } from "./tap-loss.js";

/** One line of `metrics.jsonl`, but for the place in the run and the time. */
export interface StepMetrics {
  /** weighted terms; `entropy` is what the Entropy Loss adds to the total, 0 in a run without it */
  readonly losses: Readonly<Record<"total" | "det" | "cls" | "box" | "dir" | "entropy", number>>;
  /** measured in every run, with or without the loss on them; undefined if the step was told not to */
  readonly entropy: EntropyProfile | undefined;
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

/** Parts of a step, in order. */
export type StepStage = "forward" | "losses" | "backward" | "optimiser";

/** Settings of {@link trainingStep}. */
export interface StepOptions {
  readonly config: DetectorConfig;
  readonly totalSteps: number;
  /** train on the entropies of the taps */
  readonly entropyLoss: boolean;
  /** without the loss: measure the entropies all the same; default true */
  readonly measureEntropy?: boolean;
  /** uniform numbers in [0, 1), for dropout; needed where the configuration has some */
  readonly rng?: () => number;
  /** told when a part of the step begins; for benchmarks */
  readonly onStage?: (stage: StepStage) => void;
}

/** Stage of the network that is computed last. */
const LAST_STAGE = "head.dir";

/**
 * One optimiser step: forward, losses, gradients, clipping, AdamW on the one-cycle schedule, running statistics.
 * @throws Error if the gradients are not finite; the state is then as before
 */
export async function trainingStep(
  state: TrainingState,
  { batch, targets }: TrainingBatch,
  { config, totalSteps, entropyLoss, measureEntropy = true, rng, onStage }: StepOptions,
): Promise<StepMetrics> {
  onStage?.("forward");
  const measured = entropyLoss || measureEntropy;
  const lossConfig = scheduled(config.entropyLoss, state.step / totalSteps);
  const schedule = oneCycle(state.step, { totalSteps, ...config.training });
  const result = detectorGradients(state.weights, batch, {
    config,
    targets,
    rng,
    onStage: (name) => {
      if (name === LAST_STAGE) onStage?.("losses");
      return undefined;
    },
    extraLoss: (taps) => {
      const terms = measured ? tapLoss(taps, lossConfig, entropyLoss) : { total: tf.scalar(0) };
      onStage?.("backward"); // what follows the losses
      return terms;
    },
  });
  onStage?.("optimiser");
  await fetchValues([result.gradients, { ...result.losses }, [...state.weights.trainable.values()]]);
  const { factor, norm } = clipFactor(result.gradients, { maxNorm: config.training.gradientClip });
  state.optimizer.step(result.gradients, { ...schedule, gradientScale: factor });
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
    entropy: measured ? readTapProfile(result.losses, lossConfig) : undefined,
    learningRate: schedule.learningRate,
    beta1: schedule.beta1,
    gradientNorm: norm,
  };
  const statistics = Object.values(result.batchStatistics).flatMap(({ mean, variance }) => [mean, variance]);
  tf.dispose([result.gradients, { ...result.losses }, statistics]);
  return metrics;
}
