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

/** Everything that training changes. */
export interface TrainingState {
  readonly weights: Weights;
  readonly optimizer: AdamW;
  /** optimiser steps taken */
  step: number;
}

const FORMAT = "eloss-checkpoint 1";
const MODEL = "model/";
const OPTIMIZER = "optimizer/";

/**
 * The state before the first step. The same seed gives the same weights.
 * @param initialWeights values to begin with in place of random ones, by name
 */
export function newTrainingState(
  { detector, training: { betas, weightDecay } }: Pick<Recipe, "detector" | "training">,
  seed: number,
  initialWeights?: ReadonlyMap<string, NamedArray>,
): TrainingState {
  const weights = createWeights(detector, randomStream(seed, "weights"), initialWeights);
  return { weights, optimizer: new AdamW(weights.trainable, { betas, weightDecay }), step: 0 };
}

/**
 * Writes weights, running statistics, optimiser state and step as safetensors. It holds no time and no path, so two runs
 * of one seed write the same bytes.
 */
export async function writeCheckpoint(path: string, { weights, optimizer, step }: TrainingState): Promise<void> {
  const tensors = new Map<string, NamedArray>();
  for (const [name, array] of await weightsToArrays(weights)) tensors.set(MODEL + name, array);
  for (const [name, array] of await optimizer.toArrays()) tensors.set(OPTIMIZER + name, array);
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
  const { step, model, optimizer } = decodeCheckpoint(readBytes(path, FILE_USES.checkpoint), path);
  try {
    assignWeights(state.weights, model);
    state.optimizer.restore(optimizer);
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
  state.step = step;
}

/**
 * The model of a checkpoint, for use without training, and the step that it was written at.
 * @throws Error naming the file, if it is not there or is no checkpoint
 */
export function readCheckpointModel(path: string): {
  readonly step: number;
  readonly model: ReadonlyMap<string, NamedArray>;
} {
  return decodeCheckpointModel(readBytes(path, FILE_USES.checkpoint), path);
}

/** The same of a checkpoint's bytes. @throws Error with the path, if they are no checkpoint */
export function decodeCheckpointModel(bytes: Uint8Array, path: string): ReturnType<typeof readCheckpointModel> {
  const { step, model } = decodeCheckpoint(bytes, path);
  return { step, model };
}

function decodeCheckpoint(bytes: Uint8Array, path: string) {
  const metadata = parseSafetensorsMetadata(bytes, path);
  const step = Number(metadata.get("step"));
  if (metadata.get("format") !== FORMAT || !Number.isSafeInteger(step) || step < 0) {
    throw new Error(`${path}: expected a checkpoint ("${FORMAT}" with its step), got "${metadata.get("format")}"`);
  }
  const model = new Map<string, NamedArray>();
  const optimizer = new Map<string, NamedArray>();
  for (const [name, { dtype, shape, data }] of parseSafetensors(bytes, path)) {
    if (dtype !== "F32") throw new Error(`${path}: expected float32 for ${name}, got ${dtype}`);
    const target = name.startsWith(MODEL) ? model : name.startsWith(OPTIMIZER) ? optimizer : undefined;
    if (target === undefined) throw new Error(`${path}: expected model/ or optimizer/ tensors, got ${name}`);
    target.set(name.slice(name.indexOf("/") + 1), { shape, data: data as Float32Array });
  }
  return { step, model, optimizer };
}
