import { existsSync } from "node:fs";
import type { BackendReport } from "open-backend";
import { readRecipe } from "../recipe/open-recipe.js";
import { recipeText } from "../recipe/parse-recipe.js";
import type { Recipe, TrainingConfig } from "../recipe/recipe-schema.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { type Difference, differences } from "./differences.js";
import { type RunSettings, readRunFile, writeRunFile } from "./run-file.js";
import { createRunFolder, openRunFolder, type RunFolder, runFolder } from "./run-folder.js";

/** Everything that a run is asked for. Two requests that are the same make the same checkpoint, byte for byte. */
export interface RunRequest {
  readonly settings: RunSettings;
  readonly recipe: Recipe;
}

/** Optimiser steps of an epoch. */
export function stepsPerEpoch(training: TrainingConfig, frames: number): number {
  return (training.repeats ?? 1) * stepsPerPass(training, frames);
}

/** Optimiser steps that take each frame once. */
export function stepsPerPass({ batchSize }: Pick<TrainingConfig, "batchSize">, frames: number): number {
  return Math.ceil(frames / batchSize);
}

/** Optimiser steps of a whole run. */
export function stepsOf({ settings, recipe: { training } }: RunRequest): number {
  return training.epochs * stepsPerEpoch(training, settings.frames.length);
}

/** Differing keys that an error names. */
const NAMED = 3;

/**
 * Makes the folder of a new run.
 * @throws Error if the folder already holds something
 */
export function startRun(path: string, { settings, recipe }: RunRequest, backend: Partial<BackendReport>): RunFolder {
  const config = recipeText(recipe);
  const run = createRunFolder(path, config);
  // The second file makes it a run: whatever ends this before, the same request begins again.
  writeFileAtomic(run.config, config);
  writeRunFile(run, settings, backend);
  return run;
}

/**
 * The folder of a run that goes on, or of a new one.
 * @param remedy what to do if the folder holds a run of another request
 * @throws Error if it does, or holds something else
 */
export function openRun(
  path: string,
  request: RunRequest,
  { backend, remedy }: { readonly backend: Partial<BackendReport>; readonly remedy: string },
): RunFolder {
  return holdsRun(runFolder(path)) ? openSameRun(path, request, remedy) : startRun(path, request, backend);
}

/** What the run of a folder was asked for. @throws Error naming the file and each faulty key */
export function readRunRequest(run: RunFolder): RunRequest {
  return { settings: readRunFile(run).settings, recipe: readRecipe(run.config) };
}

/** Whether a folder holds a run already. */
export function holdsRun(run: RunFolder): boolean {
  return existsSync(run.settings);
}

/**
 * The folder of a run to go on with or to take over: that of the same request.
 *
 * The data may have moved: they are their frames, whatever the folder and the list of these are called. So may the weights that it
 * began with: they are their SHA-256.
 * @param remedy what to do if it is of another
 * @throws Error naming the first keys that differ, with both values
 */
export function openSameRun(path: string, asked: RunRequest, remedy: string): RunFolder {
  const run = openRunFolder(path);
  expectSameRequest(readRunRequest(run), asked, { where: path, remedy });
  return run;
}

/**
 * Compares what a run that was found was asked for with what is asked for now, as {@link openSameRun} does.
 * @throws Error naming where it was found and the first keys that differ, with both values
 */
export function expectSameRequest(
  found: RunRequest,
  asked: RunRequest,
  { where, remedy }: { readonly where: string; readonly remedy: string },
): void {
  const differ = differences(comparable(found), comparable(asked));
  if (differ.length === 0) return;
  const more = differ.length > NAMED ? `, and ${differ.length - NAMED} more` : "";
  const named = differ.slice(0, NAMED).map(describeDifference).join(", ");
  throw new Error(
    `${where}: expected a run of the same recipe, frames and options, found another: ${named}${more}; ${remedy}`,
  );
}

function comparable({ settings, recipe }: RunRequest) {
  const { data: _, split: __, initialWeights, ...rest } = settings;
  return { ...rest, ...(initialWeights && { initialWeights: initialWeights.sha256 }), recipe };
}

function describeDifference({ path, first, second }: Difference): string {
  return `${path} is ${first} there and ${second} here`;
}
