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
import { letSignalsIn, type StopWish } from "../system/stop-signal.js";

/** Frames to measure on. */
interface MeasuredFrames {
  readonly data: DataSource;
  readonly frames: readonly string[];
  readonly onFrame: (id: string) => void;
  readonly stop: StopWish;
}

/**
 * The entropies of a detector's layers on clean frames: the monitor learns them on the first half, the threshold is of its
 * deviations on the other, which it has not seen.
 * @param options onFrame: told after each frame; stop: asks to end after the frame at hand
 * @returns undefined if it was asked to end
 */
export async function usualEntropies(
  { weights: arrays, config }: { weights: ReadonlyMap<string, NamedArray>; config: DetectorConfig },
  { data, frames, onFrame, stop }: MeasuredFrames,
): Promise<UsualEntropies | undefined> {
  const weights = weightsFromArrays(config, arrays);
  const monitor = new EntropyMonitor();
  const deviations: number[] = [];
  const learned = Math.ceil(frames.length / 2);
  try {
    for (const [i, id] of frames.entries()) {
      await letSignalsIn();
      if (stop.requested) return undefined;
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
