import {
  buildAnchors,
  createWeights,
  type DetectorConfig,
  disposeWeights,
  InferenceNetwork,
  type NamedArray,
  type Weights,
  weightsToArrays,
} from "second-detector";
import { readRecipe } from "../recipe/open-recipe.js";
import type { RunFolder } from "../runs/run-folder.js";
import { randomStream } from "../system/random.js";
import { readCheckpointModel } from "../training/checkpoint.js";
import type { Detector } from "./predict-frame.js";

/** The detector that a run has trained, and the step it is at. Free it with `detector.network.dispose()`. */
export function openTrainedDetector(run: RunFolder): { readonly detector: Detector; readonly step: number } {
  const { detector: config } = readRecipe(run.config);
  const { step, model } = readCheckpointModel(run.checkpoint);
  try {
    return { detector: makeDetector(model, config), step };
  } catch (cause) {
    throw new Error(`${run.checkpoint}: ${(cause as Error).message}`, { cause });
  }
}

/** A detector with the weights that training would begin with: its boxes mean nothing, its time is that of a trained one. */
export async function makeUntrainedDetector(config: DetectorConfig, seed: number): Promise<Detector> {
  const weights = createWeights(config, randomStream(seed, "weights"));
  const detector = await snapshotDetector(weights, config);
  disposeWeights(weights);
  return detector;
}

/** A detector with a copy of these weights. Free it with `network.dispose()`. */
export async function snapshotDetector(weights: Weights, config: DetectorConfig): Promise<Detector> {
  return makeDetector(await weightsToArrays(weights), config);
}

/** A detector with these weights. Free it with `network.dispose()`. @throws RangeError if they do not fit the configuration */
export function makeDetector(model: ReadonlyMap<string, NamedArray>, config: DetectorConfig): Detector {
  return { config, network: new InferenceNetwork(model, config), anchors: buildAnchors(config) };
}
