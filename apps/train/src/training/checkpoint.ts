import {
  AdamW,
  assignWeights,
  createWeights,
  encodeSafetensors,
  type NamedArray,
  parseSafetensors,
  parseSafetensorsMetadata,
  type Weights,
  weightsToArrays,
} from "second-detector";
import type { Recipe } from "../recipe/recipe-schema.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { randomStream } from "../system/random.js";
import { FILE_USES, readBytes } from "../system/read-file.js";
import { WeightAverage } from "./weight-average.js";

/** Everything that training changes. */
export interface TrainingState {
  readonly weights: Weights;
  readonly optimizer: AdamW;
  /** running average of the weights, if the recipe asks for one */
  readonly average?: WeightAverage | undefined;
  /** optimiser steps taken */
  step: number;
}

const FORMAT = "eloss-checkpoint 1";
const MODEL = "model/";
const OPTIMIZER = "optimizer/";
const AVERAGE = "average/";

/** Which weights of a checkpoint: those after its last step, or their running average. */
export type WeightsKind = "last" | "average";

/**
 * The state before the first step. The same seed gives the same weights.
 * @param initialWeights values to begin with in place of random ones, by name
 */
export function newTrainingState(
  { detector, training: { betas, weightDecay, ema } }: Pick<Recipe, "detector" | "training">,
  seed: number,
  initialWeights?: ReadonlyMap<string, NamedArray>,
): TrainingState {
  const weights = createWeights(detector, randomStream(seed, "weights"), initialWeights);
  const optimizer = new AdamW(weights.trainable, { betas, weightDecay });
  return { weights, optimizer, average: ema && new WeightAverage(weights, ema), step: 0 };
}

/**
 * Writes weights, running statistics, their average if there is one, optimiser state and step as safetensors. It holds no time
 * and no path, so two runs of one seed write the same bytes.
 */
export async function writeCheckpoint(path: string, state: TrainingState): Promise<void> {
  const { weights, optimizer, average, step } = state;
  const tensors = new Map<string, NamedArray>();
  for (const [name, array] of await weightsToArrays(weights)) tensors.set(MODEL + name, array);
  for (const [name, array] of await optimizer.toArrays()) tensors.set(OPTIMIZER + name, array);
  for (const [name, array] of (await average?.toArrays()) ?? []) tensors.set(AVERAGE + name, array);
  const metadata = new Map([
    ["format", FORMAT],
    ["step", String(step)],
  ]);
  writeFileAtomic(path, encodeSafetensors(tensors, { metadata }));
}

/**
 * Puts a checkpoint into a state made for the same configuration.
 * @throws Error naming the file, if it is not there, is no checkpoint or belongs to another configuration
 */
export function readCheckpoint(path: string, state: TrainingState): void {
  const { step, model, optimizer, average } = decodeCheckpoint(readBytes(path, FILE_USES.checkpoint), path);
  try {
    assignWeights(state.weights, model);
    state.optimizer.restore(optimizer);
    state.average?.restore(average);
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
  state.step = step;
}

/** A model for use without training. */
export interface CheckpointModel {
  /** that the checkpoint was written at */
  readonly step: number;
  /** which of its weights these are */
  readonly kind: WeightsKind;
  readonly model: ReadonlyMap<string, NamedArray>;
}

/**
 * The model of a checkpoint.
 * @param kind default: the average if there is one
 * @throws Error naming the file, if it is not there, is no checkpoint or has no average that was asked for
 */
export function readCheckpointModel(path: string, kind?: WeightsKind): CheckpointModel {
  return decodeCheckpointModel(readBytes(path, FILE_USES.checkpoint), path, kind);
}

/** The same of a checkpoint's bytes. @throws Error with the path, as {@link readCheckpointModel} */
export function decodeCheckpointModel(bytes: Uint8Array, path: string, kind?: WeightsKind): CheckpointModel {
  const { step, model, average } = decodeCheckpoint(bytes, path);
  const chosen = kind ?? (average.size > 0 ? "average" : "last");
  if (chosen === "last") return { step, kind: chosen, model };
  if (average.size > 0) return { step, kind: chosen, model: new Map([...model, ...average]) };
  throw new Error(`${path}: expected an average of the weights, got none; its recipe had no training.ema`);
}

function decodeCheckpoint(bytes: Uint8Array, path: string) {
  const metadata = parseSafetensorsMetadata(bytes, path);
  const step = Number(metadata.get("step"));
  if (metadata.get("format") !== FORMAT || !Number.isSafeInteger(step) || step < 0) {
    throw new Error(`${path}: expected a checkpoint ("${FORMAT}" with its step), got "${metadata.get("format")}"`);
  }
  const model = new Map<string, NamedArray>();
  const optimizer = new Map<string, NamedArray>();
  const average = new Map<string, NamedArray>();
  const targets = new Map([
    [MODEL, model],
    [OPTIMIZER, optimizer],
    [AVERAGE, average],
  ]);
  for (const [name, { dtype, shape, data }] of parseSafetensors(bytes, path)) {
    if (dtype !== "F32") throw new Error(`${path}: expected float32 for ${name}, got ${dtype}`);
    const target = targets.get(name.slice(0, name.indexOf("/") + 1));
    if (target === undefined) throw new Error(`${path}: expected model/, optimizer/ or average/ tensors, got ${name}`);
    target.set(name.slice(name.indexOf("/") + 1), { shape, data: data as Float32Array });
  }
  return { step, model, optimizer, average };
}
