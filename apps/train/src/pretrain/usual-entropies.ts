import * as tf from "@tensorflow/tfjs-core";
import { EntropyMonitor, measureEntropies } from "entropy-loss";
import {
  type DetectorConfig,
  disposeWeights,
  forwardDetector,
  type NamedArray,
  weightsFromArrays,
} from "second-detector";
import type { UsualEntropies } from "second-weights";
import type { DataSource } from "../frames/data-source.js";
import { collateInputs, networkInput } from "../frames/network-input.js";
import { readVisibleFrame } from "../frames/visible-frame.js";

/**
 * The entropies of a detector's layers on clean frames: the monitor learns them on the first half, the threshold is of its
 * deviations on the other, which it has not seen.
 * @param onFrame told after each frame
 */
export async function usualEntropies(
  { weights: arrays, config }: { weights: ReadonlyMap<string, NamedArray>; config: DetectorConfig },
  { data, frames, onFrame }: { data: DataSource; frames: readonly string[]; onFrame: (id: string) => void },
): Promise<UsualEntropies> {
  const weights = weightsFromArrays(config, arrays);
  const monitor = new EntropyMonitor();
  const deviations: number[] = [];
  const learned = Math.ceil(frames.length / 2);
  try {
    for (const [i, id] of frames.entries()) {
      const batch = collateInputs([networkInput(await readVisibleFrame(data, id, config), config)], config);
      const entropies = tf.tidy(() => measureEntropies(forwardDetector(weights, batch, { config }).taps));
      if (i < learned) monitor.observe(entropies);
      else deviations.push(monitor.score(entropies).deviation);
      onFrame(id);
    }
  } finally {
    disposeWeights(weights);
  }
  const threshold = Math.min(EntropyMonitor.threshold(deviations), 2 * Math.max(...deviations)); // finite for few frames, too
  return { monitor: monitor.toJSON(), threshold, pointRange: [...config.pointRange] };
}
