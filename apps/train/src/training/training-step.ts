import * as tf from "@tensorflow/tfjs-core";
import { type EntropyProfile, type ProfileTensors, readEntropyProfile } from "entropy-loss";
import {
  type AnchorTargets,
  clipFactor,
  type DetectorBatch,
  fetchValues,
  type LossGradients,
  type LossGradientsOptions,
  lossGradients,
  oneCycle,
  type TrainingReport,
  trainingLoss,
  updateRunningStatistics,
} from "second-detector";
import type { Recipe } from "../recipe/recipe-schema.js";
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
  readonly ids: readonly string[];
  readonly batch: DetectorBatch;
  readonly targets: readonly AnchorTargets[];
}

/** Settings of {@link trainingStep}. */
export interface StepOptions {
  readonly recipe: Pick<Recipe, "detector" | "training">;
  readonly totalSteps: number;
  /** what is done with the taps, `trainedTaps` or `measuredTaps`; default: nothing */
  readonly tapLoss?: TapLoss | undefined;
  /** uniform numbers in [0, 1), for dropout; needed where the detector has some */
  readonly rng?: () => number;
}

/** What a step's losses are made of. */
export type StepReport = TrainingReport<ProfileTensors>;

/**
 * One optimiser step: forward, losses, gradients, clipping, AdamW on the one-cycle schedule, running statistics. It is
 * {@link stepLoss}, `lossGradients` and {@link optimiserStep}, one after the other.
 * @throws Error naming the frames if the loss or a gradient is not finite; the state is then as before
 */
export async function trainingStep(
  state: TrainingState,
  prepared: TrainingBatch,
  options: StepOptions,
): Promise<StepMetrics> {
  const { recipe, rng } = options;
  return namingFrames(state, prepared.ids, async () => {
    const loss = stepLoss(state, prepared, options);
    const pass = lossGradients(state.weights, prepared.batch, { config: recipe.detector, loss, rng });
    return await optimiserStep(state, pass, options);
  });
}

/** Does a part of the step that a state is at; an error tells which step that is and, if there are any, the frames. */
export async function namingFrames<T>(
  { step }: Pick<TrainingState, "step">,
  ids: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const frames = ids.length === 0 ? "" : `, frames ${ids.join(", ")}`;
    throw new Error(`step ${step + 1}${frames}: ${(cause as Error).message}`, { cause });
  }
}

/** The loss of the step that a state is at, for `lossGradients`. */
export function stepLoss(
  { step }: Pick<TrainingState, "step">,
  { targets }: Pick<TrainingBatch, "targets">,
  { recipe, totalSteps, tapLoss }: StepOptions,
): LossGradientsOptions<StepReport>["loss"] {
  const extraLoss = tapLoss && ((taps: tf.Tensor4D[][]) => tapLoss(taps, step / totalSteps));
  return trainingLoss({ config: recipe.detector, targets, extraLoss });
}

/**
 * What follows the gradients, which are freed: clipping, AdamW, running statistics, the weights' average; the state is then at the
 * next step.
 * @throws Error if the loss or a gradient is not finite; the state is then as before
 */
export async function optimiserStep(
  state: TrainingState,
  pass: LossGradients<StepReport>,
  { recipe: { detector, training }, totalSteps }: StepOptions,
): Promise<StepMetrics> {
  const { loss: total, report, gradients, batchStatistics } = pass;
  try {
    const schedule = oneCycle(state.step, { totalSteps, ...training });
    await fetchValues([total, report, gradients]);
    const { det, cls, box, dir, extra: entropy } = report.losses;
    const losses = readFinite({ total, det, cls, box, dir, entropy });
    const { factor, norm } = clipFactor(gradients, { maxNorm: training.gradientClip });
    state.optimizer.step(gradients, { ...schedule, gradientScale: factor });
    updateRunningStatistics(state.weights, batchStatistics, { momentum: detector.batchNorm.momentum });
    state.step += 1;
    state.average?.update(state.weights, state.step);

    return {
      losses,
      entropy: report.extra && readEntropyProfile(report.extra),
      ...schedule,
      gradientNorm: norm,
    };
  } finally {
    tf.dispose(pass);
  }
}

/** @throws Error with all of them if one is not finite */
function readFinite<Name extends string>(losses: Readonly<Record<Name, tf.Scalar>>): Record<Name, number> {
  const entries = Object.entries<tf.Scalar>(losses).map(([name, scalar]) => [name, scalar.dataSync()[0]] as const);
  if (entries.every(([, value]) => Number.isFinite(value))) return Object.fromEntries(entries) as Record<Name, number>;
  const list = entries.map(([name, value]) => `${name} ${value}`).join(", ");
  throw new Error(`expected a finite loss, got ${list}; a smaller learning rate may help`);
}
