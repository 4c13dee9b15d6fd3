import * as tf from "@tensorflow/tfjs-core";
import type { Weights } from "./unit-tensors.js";

/** Statistics that one batch-norm layer saw in one training-mode pass. */
export type BatchStatistics = {
  /** [channels] */
  readonly mean: tf.Tensor1D;
  /** [channels] biased */
  readonly variance: tf.Tensor1D;
  /** Sites or pixels of the batch that they were taken over. */
  readonly rows: number;
};

/**
 * Sees every named stage as soon as it is computed, and may put another tensor of the same shape in its place
 * (to add noise, or a probe whose gradient is that of the stage). The tensor is freed after the pass: clone or read what
 * shall stay.
 */
export type StageHook = (name: string, stage: tf.Tensor) => tf.Tensor | undefined;

/** What every unit of one forward pass shares. */
export interface UnitContext {
  readonly weights: Weights;
  /** Normalise with the statistics of this batch and record them; else with the running ones. */
  readonly training: boolean;
  /** Uniform numbers in [0, 1) for dropout; needed in training mode where a layer has some. */
  readonly rng?: (() => number) | undefined;
  readonly onStage?: StageHook;
  /** Filled in training mode, by unit name. */
  readonly batchStatistics: Record<string, BatchStatistics>;
}

/**
 * A tensor of the weights, whatever its role.
 * @throws RangeError if there is none of that name
 */
export function weightNamed<T extends tf.Tensor>({ weights }: UnitContext, name: string): T {
  const variable = weights.trainable.get(name) ?? weights.frozen.get(name) ?? weights.running.get(name);
  if (variable === undefined) throw new RangeError(`forwardDetector: expected a weight named ${name}, got none`);
  return variable as unknown as T;
}

/** Calls the hook and returns the stage, or what the hook gave for it. */
export function showStage<T extends tf.Tensor>(context: UnitContext, name: string, stage: T): T {
  const shown = context.onStage?.(name, stage);
  if (shown === undefined) return stage;
  if (!tf.util.arraysEqual(shown.shape, stage.shape)) {
    throw new RangeError(`onStage: expected shape [${stage.shape}] in place of ${name}, got [${shown.shape}]`);
  }
  return shown as T;
}
