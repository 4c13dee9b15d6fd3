import * as tf from "@tensorflow/tfjs-core";
import type { AnchorTargets } from "../assign-targets.js";
import type { DetectorConfig } from "../config/detector-config.js";
import { detectionLoss } from "../detection-loss.js";
import type { DetectorBatch } from "../detector-batch.js";
import type { ForwardResult } from "./forward-detector.js";
import { type LossGradients, type LossTerms, lossGradients } from "./loss-gradients.js";
import type { StageHook } from "./unit-context.js";
import type { Weights } from "./unit-tensors.js";

/** Options of {@link detectorGradients}. */
export interface DetectorGradientsOptions {
  readonly config: DetectorConfig;
  /** Of each scan of the batch. */
  readonly targets: readonly AnchorTargets[];
  /**
   * A loss over the backbone's taps, such as the Entropy Loss. Its `total` is added to the detection loss and logged as
   * `extra`; its other terms are passed on under their names.
   */
  readonly extraLoss?: (taps: ForwardResult["taps"]) => LossTerms;
  /** For dropout, as in `ForwardOptions`. */
  readonly rng?: (() => number) | undefined;
  readonly onStage?: StageHook;
}

/** Terms of {@link detectorGradients}: `total` = `det` + `extra`, `det` = `cls` + `box` + `dir`, weights included. */
export interface DetectorLossTerms extends LossTerms {
  readonly cls: tf.Scalar;
  readonly box: tf.Scalar;
  readonly dir: tf.Scalar;
  readonly det: tf.Scalar;
}

/**
 * One training step up to the optimiser: pass in training mode, detection loss, extra loss, gradients.
 *
 * Then clip the gradients, step the optimiser, call `updateRunningStatistics(weights, batchStatistics, …)` and
 * `tf.dispose` what came back.
 * @throws RangeError if targets and batch differ in size; Error if tfjs has no gradients registered
 */
export function detectorGradients(
  weights: Weights,
  batch: DetectorBatch,
  { config, targets, extraLoss, rng, onStage }: DetectorGradientsOptions,
): LossGradients & { readonly losses: DetectorLossTerms } {
  const loss = ({ head, taps }: ForwardResult): DetectorLossTerms => {
    const { cls, box, dir, det } = detectionLoss(head, targets, config);
    if (extraLoss === undefined) return { cls, box, dir, det, total: det };
    const { total: extra, ...terms } = extraLoss(taps);
    return { ...terms, cls, box, dir, det, extra, total: tf.add(det, extra) as tf.Scalar };
  };
  return lossGradients(weights, batch, { config, loss, rng, onStage }) as LossGradients & { losses: DetectorLossTerms };
}
