import { quoted } from "checked-text";
import { InvalidArgumentError, Option } from "commander";
import { BACKENDS, PRECISIONS } from "open-backend";
import { pretrainedNames } from "second-weights";
import { MOST_EPOCHS, MOST_FRAMES_PER_STEP } from "../recipe/recipe-schema.js";
import type { WeightsKind } from "../training/checkpoint.js";

/** Options that several commands share, so that they read and fail alike. */

export const backendOption = () =>
  new Option(
    "--backend <name>",
    "what computes: simd (any machine), tensorflow (after `pnpm setup:gpu`), webgpu (where there is a graphics adapter), " +
      "cpu (slow, for checking)",
  )
    .choices([...BACKENDS])
    .default("simd");

/** @param standard in words */
export const precisionOption = (standard: string) =>
  new Option(
    "--precision <which>",
    "what the layers' products round their operands to; bf16 needs --backend simd, and takes float32 where the processor has no " +
      `AVX-512-BF16 (default: ${standard})`,
  ).choices([...PRECISIONS]);

export const dataOption = () =>
  new Option(
    "--data <dir>",
    "KITTI root, with training/velodyne or velodyne in it; or scans of one's own: points, labels",
  ).makeOptionMandatory();

export const splitOption = (standard: string, frames = "frames") =>
  new Option("--split <list>", `${frames}: a name in ImageSets, a .txt file of ids, ids with commas, or all`).default(
    standard,
  );

/** `--set` of every command that takes a recipe; may be given more than once. */
export const setOption = () =>
  new Option("--set <field=value>", "change a field of the recipe, such as training.learningRate=1e-3; more than once")
    .argParser((change: string, before: readonly string[]) => [...before, change])
    .default([], "none");

export const weightsOption = () =>
  new Option(
    "--weights <which>",
    "of the run's checkpoint: those of its last step, or their running average (default: the average, if there is one)",
  ).choices(["last", "average"] satisfies WeightsKind[]);

/** `--pretrained` of every command that takes a trained detector. */
export const pretrainedOption = () =>
  new Option("--pretrained <name>", "a detector of second-weights instead of --run, trained on simulated streets")
    .choices(pretrainedNames)
    .conflicts("run");

export const jsonOption = () =>
  new Option("--json", "print one JSON document on standard output instead of text").default(false);

export const strictOption = () =>
  new Option("--strict", "end at the first frame whose files are at fault, instead of leaving it out").default(false);

export const seedOption = (description = "seed of everything random") =>
  new Option("--seed <n>", description).argParser(wholeNumber(0, Number.MAX_SAFE_INTEGER)).default(0);

export const initWeightsOption = () =>
  new Option(
    "--init-weights <run|file|name>",
    `begin with a run's checkpoint, a file of second-weights or one that comes with it: ${pretrainedNames.join(", ")}`,
  );

/** @param standard in words */
export const columnsOption = (standard: string) =>
  new Option(
    "--columns <names>",
    `numbers of a point in .bin and .npy files, with commas (default: ${standard})`,
  ).argParser(list);

export const workersOption = () =>
  new Option("--workers <n>", "threads that prepare the next batches while a step runs; the result is the same for any")
    .argParser(wholeNumber(0, MOST.workers))
    .default(1);

/** The largest numbers that options take, far beyond use. */
export const MOST = {
  workers: 256,
  epochs: MOST_EPOCHS,
  framesPerStep: MOST_FRAMES_PER_STEP,
  /** simulated, or run one after the other */
  frames: 1_000_000,
  /** in one page: a page of so many has some 200 MB */
  shownFrames: 1000,
  runs: 10_000,
  minutes: 1_000_000,
  port: 65_535,
} as const;

/** A parser for words with commas between them. */
export const list = (text: string) => text.split(",").map((each) => each.trim());

/** A parser for whole numbers between two, both included. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\s*[+-]?\d+\s*$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}, got ${quoted(text)}.`);
  };
}

/** A parser for numbers from 0 to below 1. */
export function shareBelowOne(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value < 1) return value;
  throw new InvalidArgumentError(`expected a number from 0 to below 1, got ${quoted(text)}.`);
}

/** A parser for positive numbers. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new InvalidArgumentError(`expected a positive number, got ${quoted(text)}.`);
}
