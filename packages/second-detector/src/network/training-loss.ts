import * as tf from "@tensorflow/tfjs-core";
import type { AnchorTargets } from "../assign-targets.js";
import type { DetectorConfig } from "../config/detector-config.js";
import { detectionLoss } from "../detection-loss.js";
import type { ForwardResult } from "./forward-detector.js";
import type { ReportedLoss } from "./loss-gradients.js";

/** Options of {@link trainingLoss}. */
export interface TrainingLossOptions<Report extends tf.TensorContainer> {
  readonly config: DetectorConfig;
  /** Of each scan of the batch. */
  readonly targets: readonly AnchorTargets[];
  /** A loss over the backbone's taps to be added to the detection loss, such as the Entropy Loss. */
  readonly extraLoss?: ((taps: ForwardResult["taps"]) => ReportedLoss<Report>) | undefined;
}

/** What {@link trainingLoss} reports. */
export type TrainingReport<Report extends tf.TensorContainer> = {
  /** Weights included: `det` = `cls` + `box` + `dir`, and the whole is `det` + `extra`. */
  readonly losses: {
    readonly cls: tf.Scalar;
    readonly box: tf.Scalar;
    readonly dir: tf.Scalar;
    readonly det: tf.Scalar;
    /** 0 without an extra loss. */
    readonly extra: tf.Scalar;
  };
  /** The report of the extra loss. */
  readonly extra: Report | undefined;
};

/**
 * The loss that a detector is trained on, for `lossGradients`: the detection loss and, if there is one, a loss over the taps.
 * @throws RangeError, when it is called, if targets and batch differ in size
 */
export function trainingLoss<Report extends tf.TensorContainer = undefined>({
  config,
  targets,
  extraLoss,
}: TrainingLossOptions<Report>): (result: ForwardResult) => ReportedLoss<TrainingReport<Report>> {
  return ({ head, taps }) => {
    const detection = detectionLoss(head, targets, config);
    const { loss: extra, report } = extraLoss?.(taps) ?? { loss: tf.scalar(0), report: undefined };
    const loss = tf.add(detection.det, extra) as tf.Scalar;
    return { loss, report: { losses: { ...detection, extra }, extra: report } };
  };
}
