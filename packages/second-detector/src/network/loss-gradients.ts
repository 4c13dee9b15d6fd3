import * as tf from "@tensorflow/tfjs-core";
import type { DetectorConfig } from "../config/detector-config.js";
import type { DetectorBatch } from "../detector-batch.js";
import { type ForwardResult, forwardDetector } from "./forward-detector.js";
import type { BatchStatistics, StageHook } from "./unit-context.js";
import type { Weights } from "./unit-tensors.js";

/** Loss terms by name; `total` is the one that is differentiated, the others, of any shape, are passed on for logs. */
export interface LossTerms {
  readonly total: tf.Scalar;
  readonly [name: string]: tf.Tensor;
}

/** Options of {@link lossGradients}. */
export interface LossGradientsOptions {
  readonly config: DetectorConfig;
  /** Losses of a training-mode pass. */
  readonly loss: (result: ForwardResult) => LossTerms;
  /** For dropout, as in `ForwardOptions`. */
  readonly rng?: (() => number) | undefined;
  readonly onStage?: StageHook;
}

/** What one training-mode pass and its backward pass give. Every tensor belongs to the caller: `tf.dispose` the whole. */
export type LossGradients = {
  readonly losses: LossTerms;
  /** d total / d weight by name, one for every trainable weight (zeros for one that the loss does not see). */
  readonly gradients: Record<string, tf.Tensor>;
  readonly batchStatistics: Record<string, BatchStatistics>;
};

/**
 * One training-mode pass over a batch and the gradient of its total loss by every trainable weight. Weights and running
 * statistics stay as they are: clip, step the optimiser and call `updateRunningStatistics` with what comes back.
 * @throws Error if tfjs has no gradients registered (`@tensorflow/tfjs-core` alone brings none)
 */
export function lossGradients(
  weights: Weights,
  batch: DetectorBatch,
  { config, loss, rng, onStage }: LossGradientsOptions,
): LossGradients {
  if (tf.getGradient("Conv2D") === undefined) {
    throw new Error(
      "lossGradients: expected tfjs gradients to be registered, got none; import @tensorflow/tfjs or a backend package " +
        "that registers them",
    );
  }
  const names = [...weights.trainable.keys()];
  const variables = [...weights.trainable.values()];
  return tf.tidy(() => {
    // Only the differentiated value leaves the pass; what else is wanted has to be kept, then handed to this scope.
    let beside: Omit<LossGradients, "gradients"> | undefined;
    const { grads } = tf.variableGrads(() => {
      const result = forwardDetector(weights, batch, { config, training: true, rng, onStage });
      const losses = loss(result);
      beside = { losses, batchStatistics: result.batchStatistics };
      for (const tensor of tensorsOf(beside)) tf.keep(tensor);
      return tf.clone(losses.total);
    }, variables);
    const gradients: Record<string, tf.Tensor> = {};
    variables.forEach((variable, i) => {
      gradients[names[i]] = grads[variable.name] ?? tf.zerosLike(variable);
    });
    return { ...release(beside!), gradients };
  });
}

function tensorsOf({ losses, batchStatistics }: Omit<LossGradients, "gradients">): tf.Tensor[] {
  return [
    ...Object.values(losses),
    ...Object.values(batchStatistics).flatMap(({ mean, variance }) => [mean, variance]),
  ];
}

/** The same tensors, no longer kept but tracked by the scope around. */
function release(kept: Omit<LossGradients, "gradients">): Omit<LossGradients, "gradients"> {
  const losses = Object.fromEntries(Object.entries(kept.losses).map(([name, loss]) => [name, tf.clone(loss)]));
  const batchStatistics = Object.fromEntries(
    Object.entries(kept.batchStatistics).map(([layer, { mean, variance, rows }]) => [
      layer,
      { mean: tf.clone(mean), variance: tf.clone(variance), rows },
    ]),
  );
  tf.dispose(tensorsOf(kept));
  return { losses: losses as unknown as LossTerms, batchStatistics };
}
