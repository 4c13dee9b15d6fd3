import * as tf from "@tensorflow/tfjs-core";
import type { DetectorConfig } from "../config/detector-config.js";
import type { DetectorBatch } from "../detector-batch.js";
import { type ForwardResult, forwardDetector } from "./forward-detector.js";
import type { BatchStatistics, StageHook } from "./unit-context.js";
import type { Weights } from "./unit-tensors.js";

/** A loss, and what is to be known of it. */
export type ReportedLoss<Report extends tf.TensorContainer> = {
  /** What is differentiated. */
  readonly loss: tf.Scalar;
  /** Tensors in arrays and records of any depth, and whatever lies beside them: handed on as it is, without a gradient. */
  readonly report: Report;
};

/** Options of {@link lossGradients}. */
export interface LossGradientsOptions<Report extends tf.TensorContainer> {
  readonly config: DetectorConfig;
  /** Of a training-mode pass. */
  readonly loss: (result: ForwardResult) => ReportedLoss<Report>;
  /** For dropout, as in `ForwardOptions`. */
  readonly rng?: (() => number) | undefined;
  readonly onStage?: StageHook;
}

/** What one training-mode pass and its backward pass give. Every tensor belongs to the caller: `tf.dispose` the whole. */
export type LossGradients<Report extends tf.TensorContainer> = ReportedLoss<Report> & {
  /** d loss / d weight by name, one for every trainable weight (zeros for one that the loss does not see). */
  readonly gradients: Record<string, tf.Tensor>;
  readonly batchStatistics: Record<string, BatchStatistics>;
};

/**
 * One training-mode pass over a batch and the gradient of its loss by every trainable weight: a training step up to the
 * optimiser. Weights and running statistics stay as they are: clip, step the optimiser, call `updateRunningStatistics` with
 * what comes back, and `tf.dispose` it.
 * @throws Error if tfjs has no gradients registered (`@tensorflow/tfjs-core` alone brings none)
 */
export function lossGradients<Report extends tf.TensorContainer>(
  weights: Weights,
  batch: DetectorBatch,
  { config, loss, rng, onStage }: LossGradientsOptions<Report>,
): LossGradients<Report> {
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
    let kept: Omit<LossGradients<Report>, "gradients"> | undefined;
    const { grads } = tf.variableGrads(() => {
      const result = forwardDetector(weights, batch, { config, training: true, rng, onStage });
      kept = { ...loss(result), batchStatistics: result.batchStatistics };
      for (const tensor of tf.tensor_util.getTensorsInContainer(kept)) tf.keep(tensor);
      return tf.clone(kept.loss);
    }, variables);
    const gradients: Record<string, tf.Tensor> = {};
    variables.forEach((variable, i) => {
      gradients[names[i]] = grads[variable.name] ?? tf.zerosLike(variable);
    });
    const beside = cloned(kept!);
    tf.dispose(kept);
    return { ...beside, gradients };
  });
}

/** The same with a clone of every tensor, which the scope around tracks. */
function cloned<T extends tf.TensorContainer>(container: T): T {
  if (container instanceof tf.Tensor) return tf.clone(container);
  if (Array.isArray(container)) return container.map(cloned) as T;
  if (container === null || typeof container !== "object" || ArrayBuffer.isView(container)) return container;
  return Object.fromEntries(Object.entries(container).map(([name, inner]) => [name, cloned(inner)])) as T;
}
