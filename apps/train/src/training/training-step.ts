import * as tf from "@tensorflow/tfjs-core";
import { type EntropyProfile, type ProfileTensors, readEntropyProfile } from "entropy-loss";
import {
  type AnchorTargets,
  clipFactor,
  type DetectorBatch,
  type DetectorConfig,
  fetchValues,
  type LossGradients,
  type LossGradientsOptions,
  lossGradients,
  oneCycle,
  type TrainingReport,
  trainingLoss,
  updateRunningStatistics,
} from "second-detector";
import type { TrainingState } from "./checkpoint.js";
import type { TapLoss } from "./tap-loss.js";

/** One line of `metrics.jsonl`, but for the place in the run and the time. */
export interface StepMetrics {
  /** weighted terms; `entropy` is what the Entropy Loss adds to the total, 0 in a run without it */
  readonly losses: Readonly<Record<"total" | "det" | "cls" | "box" | "dir" | "entropy", number>>;
  /** undefined if the step did nothing with the taps */
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

/** Settings of {@link trainingStep}. */
export interface StepOptions {
  readonly config: DetectorConfig;
  readonly totalSteps: number;
  /** what is done with the taps, `trainedTaps` or `measuredTaps`; default: nothing */
  readonly tapLoss?: TapLoss | undefined;
  /** uniform numbers in [0, 1), for dropout; needed where the configuration has some */
  readonly rng?: () => number;
}

/** What a step's losses are made of. */
export type StepReport = TrainingReport<ProfileTensors>;

/**
 * One optimiser step: forward, losses, gradients, clipping, AdamW on the one-cycle schedule, running statistics. It is
 * {@link stepLoss}, `lossGradients` and {@link optimiserStep}, one after the other.
 * @throws Error if the gradients are not finite; the state is then as before
 */
export async function trainingStep(
  state: TrainingState,
  prepared: TrainingBatch,
  options: StepOptions,
): Promise<StepMetrics> {
  const { config, rng } = options;
  const loss = stepLoss(state, prepared, options);
  return optimiserStep(state, lossGradients(state.weights, prepared.batch, { config, loss, rng }), options);
}

/** The loss of the step that a state is at, for `lossGradients`. */
export function stepLoss(
  { step }: Pick<TrainingState, "step">,
  { targets }: Pick<TrainingBatch, "targets">,
  { config, totalSteps, tapLoss }: StepOptions,
): LossGradientsOptions<StepReport>["loss"] {
  const extraLoss = tapLoss && ((taps: tf.Tensor4D[][]) => tapLoss(taps, step / totalSteps));
  return trainingLoss({ config, targets, extraLoss });
}

/**
 * What follows the gradients, which are freed: clipping, AdamW, running statistics; the state is then at the next step.
 * @throws Error as {@link trainingStep}
 */
export async function optimiserStep(
  state: TrainingState,
  pass: LossGradients<StepReport>,
  { config, totalSteps }: StepOptions,
): Promise<StepMetrics> {
  const { loss: total, report, gradients, batchStatistics } = pass;
  try {
    const schedule = oneCycle(state.step, { totalSteps, ...config.training });
    await fetchValues([total, report, gradients, [...state.weights.trainable.values()]]);
    const { factor, norm } = clipFactor(gradients, { maxNorm: config.training.gradientClip });
    state.optimizer.step(gradients, { ...schedule, gradientScale: factor });
    updateRunningStatistics(state.weights, batchStatistics, { momentum: config.batchNorm.momentum });
    state.step += 1;

    const { det, cls, box, dir, extra: entropy } = report.losses;
    const read = (scalar: tf.Scalar) => scalar.dataSync()[0];
    return {
      losses: {
        total: read(total),
        det: read(det),
        cls: read(cls),
        box: read(box),
        dir: read(dir),
        entropy: read(entropy),
      },
      entropy: report.extra && readEntropyProfile(report.extra),
      ...schedule,
      gradientNorm: norm,
    };
  } finally {
    tf.dispose(pass);
  }
}
