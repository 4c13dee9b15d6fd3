import * as tf from "@tensorflow/tfjs-core";
import type { Weights } from "../weights.js";
import { batchNormRelu, type InferenceNorm, inferBatchNormRelu } from "./batch-norm-relu.js";

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
  readonly epsilon: number;
  /** Uniform numbers in [0, 1) for dropout; needed in training mode where a layer has some. */
  readonly rng?: (() => number) | undefined;
  readonly onStage?: StageHook;
  /** Filled in training mode, by layer name. */
  readonly batchStatistics: Record<string, BatchStatistics>;
}

/**
 * The trainable (or frozen) tensor called `name`.
 * @throws RangeError if the weights have none of that name
 */
export function trainable<T extends tf.Tensor>(context: UnitContext, name: string): T {
  const variable = context.weights.trainable.get(name) ?? context.weights.frozen.get(name);
  if (variable === undefined) throw new RangeError(`forwardDetector: expected a weight named ${name}, got none`);
  return variable as unknown as T;
}

/**
 * Batch norm and ReLU (left out where `relu` is false) with the parameters `layer`.bn.*, then the hook: the end of every
 * unit with a norm.
 */
export function finishUnit<T extends tf.Tensor>(context: UnitContext, layer: string, x: T, relu = true): T {
  const { epsilon } = context;
  if (!context.training) {
    return showStage(context, layer, inferBatchNormRelu(x, runningNorm(context, layer), { epsilon, relu }));
  }
  const gamma = trainable<tf.Tensor1D>(context, `${layer}.bn.gamma`);
  const beta = trainable<tf.Tensor1D>(context, `${layer}.bn.beta`);
  const { y, mean, variance } = batchNormRelu(x, { gamma, beta }, { epsilon, relu });
  context.batchStatistics[layer] = { mean, variance, rows: x.size / gamma.size };
  return showStage(context, layer, y);
}

/** Affine parameters and running statistics of a layer. */
export function runningNorm(context: UnitContext, layer: string): InferenceNorm {
  return {
    gamma: trainable<tf.Tensor1D>(context, `${layer}.bn.gamma`),
    beta: trainable<tf.Tensor1D>(context, `${layer}.bn.beta`),
    mean: running(context, `${layer}.bn.mean`),
    variance: running(context, `${layer}.bn.var`),
  };
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

function running(context: UnitContext, name: string): tf.Tensor1D {
  const variable = context.weights.running.get(name);
  if (variable === undefined) throw new RangeError(`forwardDetector: expected a running statistic ${name}, got none`);
  return variable as unknown as tf.Tensor1D;
}
