import * as tf from "@tensorflow/tfjs-core";
import {
  AUTHOR_PRESET,
  type EntropyLossOptions,
  type EntropyProfile,
  entropyLoss,
  entropyProfile,
  measureEntropies,
  readEntropyProfile,
  type Taps,
} from "entropy-loss";
import type { DetectorConfig } from "second-detector";

/** What the layers' entropies add to the total loss, and what they are. */
export interface TapLoss {
  readonly loss: tf.Scalar;
  readonly profile: EntropyProfile;
}

/**
 * The Entropy Loss of a configuration, with its profile. With `trained` false the entropies are measured all the same
 * but add nothing and have no gradient, so that runs with and without the loss can be compared layer by layer.
 */
export function tapLoss(taps: Taps, config: DetectorConfig["entropyLoss"], trained: boolean): TapLoss {
  const options = lossOptions(config);
  if (!trained) {
    return { loss: tf.scalar(0), profile: entropyProfile(measureEntropies(taps, options), options) };
  }
  const { loss, profile } = entropyLoss(taps, options);
  return { loss, profile: readEntropyProfile(profile, options) };
}

/** `author` is the published code's loss down to its unbiased variance; `kl` the paper's. */
function lossOptions({ estimator, weight, coverage }: DetectorConfig["entropyLoss"]): EntropyLossOptions {
  const variance = estimator === "author" ? AUTHOR_PRESET.variance : "biased";
  return { estimator, coverage, variance, l1Weight: weight };
}
