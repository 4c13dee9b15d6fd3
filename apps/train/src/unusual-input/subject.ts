import { basename } from "node:path";
import type { EntropyLossOptions } from "entropy-loss";
import { type DetectorConfig, encodeSafetensors, type NamedArray } from "second-detector";
import { type PretrainedName, readPretrained } from "second-weights";
import { hashOf } from "../prepare/hash.js";
import { readRecipe } from "../recipe/open-recipe.js";
import { openRunFolder } from "../runs/run-folder.js";
import { readCheckpointModel, type WeightsKind } from "../training/checkpoint.js";
import { lossOptions } from "../training/tap-loss.js";

/** A trained detector that is looked at. */
export interface Subject {
  /** for tables and files */
  readonly name: string;
  readonly config: DetectorConfig;
  readonly model: ReadonlyMap<string, NamedArray>;
  /** how its entropies are estimated */
  readonly entropies: EntropyLossOptions;
  /** changes with anything that its readings depend on */
  readonly fingerprint: string;
}

/** A published detector, over the range that it has learnt on. */
export function publishedSubject(name: PretrainedName): Subject {
  const { config, weights, usual } = readPretrained(name);
  return subject(name, { config: { ...config, pointRange: usual.pointRange }, model: weights, entropies: {} });
}

/**
 * The detector of a run.
 * @param weights default: those that `eloss infer` takes
 * @throws Error if there is no such run or checkpoint
 */
export function runSubject(path: string, weights?: WeightsKind): Subject {
  const run = openRunFolder(path);
  const { detector: config, entropyLoss } = readRecipe(run.config);
  const { model } = readCheckpointModel(run.checkpoint, weights);
  return subject(basename(path), { config, model, entropies: lossOptions(entropyLoss) });
}

function subject(name: string, parts: Omit<Subject, "name" | "fingerprint">): Subject {
  const { config, model, entropies } = parts;
  if (config.camera !== undefined) {
    throw new Error(`${name}: expected a detector without a camera, as scans alone are corrupted, got ${config.name}`);
  }
  const settings = new TextEncoder().encode(JSON.stringify([config, entropies]));
  const fingerprint = hashOf(Buffer.concat([encodeSafetensors(model), settings]));
  return { name, ...parts, fingerprint };
}
