import { createHash } from "node:crypto";
import type { Neighbour } from "entropy-loss";
import type { Precision } from "open-backend";
import type { DetectorConfig, NamedArray } from "second-detector";
import { type PretrainedName, readPretrained } from "second-weights";
import type { DataReading } from "../frames/data-reading.js";
import { readRecipe } from "../recipe/open-recipe.js";
import { openRunFolder } from "../runs/run-folder.js";
import type { WeightsKind } from "../training/checkpoint.js";
import { describeCheckpoint, readTrainedModel } from "./open-detector.js";

/** Trained weights, before they are tensors. */
export interface TrainedModel {
  readonly model: ReadonlyMap<string, NamedArray>;
  readonly config: DetectorConfig;
  readonly step: number;
  /** what they are, in a line */
  readonly description: string;
  /** of the file of a run */
  readonly path?: string | undefined;
}

/** SHA-256 of the names, shapes and numbers of weights, whatever file they come from. */
export function hashOfWeights(model: ReadonlyMap<string, NamedArray>): string {
  const hash = createHash("sha256");
  for (const name of [...model.keys()].sort()) {
    const { shape, data } = model.get(name)!;
    hash.update(JSON.stringify([name, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

/** Weights that have been found, and how scans are to be read for them. */
export interface FoundWeights {
  readonly reading: DataReading;
  /** that they were trained in, if it is not float32 */
  readonly precision: Precision | undefined;
  /** what they are called */
  readonly name: string;
  /** which neighbour entropies were measured by; undefined: not said */
  readonly k: Neighbour | undefined;
  /** @throws Error naming the file that is missing or wrong */
  read(): TrainedModel;
}

/** Weights that come with the package. */
export function pretrainedWeights(name: PretrainedName): FoundWeights {
  const { weights: model, config, card } = readPretrained(name);
  // Whoever looks behind the sensor learnt whole scans.
  const reading: DataReading = config.pointRange[0] < 0 ? { view: "full" } : {};
  const read = () => ({ model, config, step: card.training.steps, description: card.description });
  return { reading, precision: undefined, name, k: undefined, read };
}

/**
 * Weights that a run has trained.
 * @param kind which of its checkpoint; default: the average if there is one
 * @throws Error if there is no such run
 */
export function runWeights(run: string, kind?: WeightsKind): FoundWeights {
  const folder = openRunFolder(run);
  const { data = {}, precision, entropyLoss } = readRecipe(folder.config);
  return {
    reading: data,
    precision,
    name: run,
    k: entropyLoss.k as Neighbour,
    read() {
      const trained = readTrainedModel(folder, kind);
      return { ...trained, description: describeCheckpoint(trained), path: folder.checkpoint };
    },
  };
}
