import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { InvalidArgumentError } from "commander";
import { openRecipe, type Recipe } from "eloss/step";
import type { Layer } from "simd-kernels";
import { hasFrames } from "./frames.js";
import { PYTORCH_ARMS } from "./step/pytorch-peer.js";

const LAYERS: readonly Layer[] = ["native", "wasm", "typescript"];

/** `native,wasm` as layers. */
export function parseLayers(text: string): Layer[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !LAYERS.includes(name as Layer));
  if (unknown !== undefined) throw new InvalidArgumentError(`expected some of ${LAYERS.join(",")}, got "${unknown}".`);
  return LAYERS.filter((layer) => names.includes(layer));
}

/**
 * `second-mini,my.yaml` as recipes: built-in names or files.
 * @throws Error naming what is neither
 */
export function openRecipes(text: string): Recipe[] {
  return text.split(",").map((name) => openRecipe(name.trim()));
}

/** `float32,bfloat16` as ways in which PyTorch takes a step. */
export function parseArms(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !PYTORCH_ARMS.some((arm) => arm === name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(`expected some of ${PYTORCH_ARMS.join(",")}, got "${unknown}".`);
}

/** Seconds, from 1 to an hour. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds >= 1 && seconds <= 3600) return seconds;
  throw new InvalidArgumentError(`expected a number from 1 to 3600, got "${text}".`);
}

/** A number of threads. */
export function parseThreads(text: string): number {
  const threads = Number(text);
  if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
    throw new InvalidArgumentError(`expected a whole number from 1 to 256, got "${text}".`);
  }
  return threads;
}

/** What `SIMD_KERNELS_THREADS` says, else every processor. */
export function defaultThreads(): number {
  const text = process.env.SIMD_KERNELS_THREADS;
  return text ? parseThreads(text) : availableParallelism();
}

/** Tried where no folder is named. */
const USUAL_DATA = "../shared/kitti-mini";

/**
 * The folder of KITTI frames, or undefined for simulated scenes.
 * @throws Error if a folder was named that lacks the frames
 */
export function resolveData(named: string | undefined): string | undefined {
  if (named === undefined) return existsSync(USUAL_DATA) && hasFrames(USUAL_DATA) ? USUAL_DATA : undefined;
  if (!hasFrames(named)) throw new Error(`--data ${named}: expected frames 000000 and 000010 there`);
  return named;
}
