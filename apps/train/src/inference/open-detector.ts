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
import { type CheckpointModel, readCheckpointModel, type WeightsKind } from "../training/checkpoint.js";
import type { Detector } from "./predict-frame.js";

/** A detector that a run has trained. Free it with `detector.network.dispose()`. */
export interface TrainedDetector {
  readonly detector: Detector;
  /** the step it is at */
  readonly step: number;
  /** which of the checkpoint's weights it has */
  readonly kind: WeightsKind;
}

/**
 * The detector of a run.
 * @param kind which weights of its checkpoint; default: the average if there is one
 * @throws Error as `readCheckpointModel`, or if the weights do not fit the run's recipe
 */
export function openTrainedDetector(run: RunFolder, kind?: WeightsKind): TrainedDetector {
  const { model, config, ...found } = readTrainedModel(run, kind);
  return { detector: makeDetector(model, config, run.checkpoint), ...found };
}

/**
 * What a run has trained, before it is a detector.
 * @throws Error as `readCheckpointModel`
 */
export function readTrainedModel(
  run: RunFolder,
  kind?: WeightsKind,
): CheckpointModel & { readonly config: DetectorConfig } {
  const { detector: config } = readRecipe(run.config);
  return { ...readCheckpointModel(run.checkpoint, kind), config };
}

/** `checkpoint of step 30`, and whether it is the average of the weights. */
export function describeCheckpoint({ step, kind }: Pick<TrainedDetector, "step" | "kind">): string {
  return `checkpoint of step ${step}${kind === "average" ? ", running average of the weights" : ""}`;
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

/**
 * A detector with these weights. Free it with `network.dispose()`.
 * @param path of the file that they come from
 * @throws RangeError if they do not fit the configuration; Error naming the file, if there is one
 */
export function makeDetector(model: ReadonlyMap<string, NamedArray>, config: DetectorConfig, path?: string): Detector {
  try {
    return { config, network: new InferenceNetwork(model, config), anchors: buildAnchors(config) };
  } catch (cause) {
    throw path === undefined ? cause : new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}
