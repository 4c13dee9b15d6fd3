import * as tf from "@tensorflow/tfjs-core";
import {
  AUTHOR_PRESET,
  type EntropyLossOptions,
  entropyLoss,
  type ProfileTensors,
  type Taps,
  weightAt,
} from "entropy-loss";
import type { ReportedLoss } from "second-detector";
import type { EntropyLossConfig } from "../recipe/recipe-schema.js";
import { randomStream } from "../system/random.js";
import { shuffledTap } from "./shuffled-taps.js";

/**
 * What a step does with the taps of the backbone: a loss to be added to the detector's, and what the taps' entropies are.
 * @param time of the training, 0 to 1
 */
export type TapLoss = (taps: Taps, time: number) => ReportedLoss<ProfileTensors>;

/**
 * Trains on the entropies: the Entropy Loss of a recipe. On shuffled taps the loss is that of the shuffled ones; what is reported is
 * of those as they are.
 * @param seed of the run, default 0; shuffling depends on it and the time alone, so that a run that goes on takes the same steps
 */
export function trainedTaps(config: EntropyLossConfig, seed = 0): TapLoss {
  return (taps, time) => {
    const options = lossOptions(scheduled(config, time));
    const { loss, profile } = entropyLoss(taps, options);
    if (config.taps !== "shuffled") return { loss, report: profile };
    const rng = randomStream(seed, `shuffling of taps at ${time}`);
    const covered = options.coverage === "all" ? taps.map((_, block) => block) : options.coverage!;
    const shuffled = taps.map((block, i) => (covered.includes(i) ? block.map((tap) => shuffledTap(tap, rng)) : block));
    return { loss: entropyLoss(shuffled, options).loss, report: profile };
  };
}

/**
 * Measures the same entropies, which add nothing and have no gradient, so that runs with and without the loss can be compared
 * layer by layer.
 */
export function measuredTaps(config: EntropyLossConfig): TapLoss {
  const trained = trainedTaps({ ...config, taps: "own" });
  return (taps, time) => ({ ...trained(taps, time), loss: tf.scalar(0) });
}

/** A configuration with its weights as they are at a time of the training, 0 to 1. */
function scheduled(config: EntropyLossConfig, time: number): EntropyLossConfig {
  if (config.schedule === undefined) return config;
  const factor = weightAt(time, config.schedule);
  return { ...config, weight: factor * config.weight, l2: { ...config.l2, weight: factor * config.l2.weight } };
}

/** `author` is the published code's loss down to its unbiased variance; `kl` the paper's. */
export function lossOptions({ estimator, k, weight, l2, coverage }: EntropyLossConfig): EntropyLossOptions {
  const variance = estimator === "author" ? AUTHOR_PRESET.variance : "biased";
  return { estimator, k, coverage, variance, l1Weight: weight, l2: l2.form, l2Weight: l2.weight };
}
