import * as tf from "@tensorflow/tfjs-core";
import {
  AUTHOR_PRESET,
  type EntropyLossOptions,
  type EntropyProfile,
  entropyLoss,
  entropyProfile,
  type Taps,
  weightAt,
} from "entropy-loss";
import type { DetectorConfig, LossTerms } from "second-detector";

/** Before the index of a covered block: the loss term that holds the entropies of its taps. */
const ENTROPIES = "entropies.";

/**
 * The Entropy Loss of a configuration: `total` is what it adds, and `entropies.<block>` [taps] what it is made of. With
 * `trained` false the entropies are measured all the same but add nothing and have no gradient, so that runs with and
 * without the loss can be compared layer by layer.
 */
export function tapLoss(taps: Taps, config: DetectorConfig["entropyLoss"], trained: boolean): LossTerms {
  const { loss, profile } = entropyLoss(taps, lossOptions(config));
  const entropies = profile.blocks.map((block, i) => [`${ENTROPIES}${block}`, profile.entropies[i]] as const);
  return { ...Object.fromEntries(entropies), total: trained ? loss : tf.scalar(0) };
}

/** The profile in numbers, from terms of {@link tapLoss} whose values have been fetched. */
export function readTapProfile(losses: LossTerms, config: DetectorConfig["entropyLoss"]): EntropyProfile {
  const names = Object.keys(losses).filter((name) => name.startsWith(ENTROPIES));
  const blocks = names.map((name) => Number(name.slice(ENTROPIES.length)));
  const entropies = names.map((name) => [...losses[name].dataSync()]);
  return entropyProfile(entropies, { ...lossOptions(config), blocks });
}

/** A configuration with its weights as they are at a time of the training, 0 to 1. */
export function scheduled(config: DetectorConfig["entropyLoss"], time: number): DetectorConfig["entropyLoss"] {
  if (config.schedule === undefined) return config;
  const factor = weightAt(time, config.schedule);
  return { ...config, weight: factor * config.weight, l2: { ...config.l2, weight: factor * config.l2.weight } };
}

/** `author` is the published code's loss down to its unbiased variance; `kl` the paper's. */
export function lossOptions({ estimator, k, weight, l2, coverage }: DetectorConfig["entropyLoss"]): EntropyLossOptions {
  const variance = estimator === "author" ? AUTHOR_PRESET.variance : "biased";
  return { estimator, k, coverage, variance, l1Weight: weight, l2: l2.form, l2Weight: l2.weight };
}
