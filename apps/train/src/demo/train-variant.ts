import { existsSync, readFileSync } from "node:fs";
import type { BackendReport } from "open-backend";
import { openDataSource } from "../frames/open-data-source.js";
import { evaluateRun, type RunEvaluation } from "../inference/evaluate-run.js";
import { openTrainedDetector } from "../inference/open-detector.js";
import { openTrainingData } from "../prepare/training-data.js";
import { recipeText } from "../recipe/parse-recipe.js";
import type { Recipe } from "../recipe/recipe-schema.js";
import {
  createRunFolder,
  type RunFolder,
  type RunSettings,
  readSettings,
  runFolder,
  writeSettings,
} from "../runs/run-folder.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import type { StopSignal } from "../system/stop-signal.js";
import { trainRun } from "../training/train-run.js";
import type { Validation } from "../training/validate-epochs.js";

/** One of the runs that a demo compares. */
export interface Variant {
  readonly folder: string;
  readonly recipe: Recipe;
  readonly settings: RunSettings;
  readonly validation: Validation;
  readonly backend: BackendReport;
  readonly workers: number;
  readonly stop: Pick<StopSignal, "requested">;
}

/**
 * Trains a variant and evaluates it. What an earlier demo of the same options trained is taken over, a part of it continued.
 * @returns undefined if it was stopped
 * @throws Error if the folder holds a run of other options
 */
export async function trainVariant(variant: Variant): Promise<RunEvaluation | undefined> {
  const { recipe, validation, workers, stop } = variant;
  const data = openDataSource(variant.settings.data);
  const { indexFolder, frames: usable } = await openTrainingData(data, variant.settings.frames);
  const settings = { ...variant.settings, frames: usable };
  const run = openVariant({ ...variant, settings });
  const resume = existsSync(run.checkpoint);
  const outcome = await trainRun({ run, recipe, settings, resume, workers, validation, indexFolder, stop });
  if (outcome.interrupted) return undefined;
  const { detector, step } = openTrainedDetector(run);
  try {
    const { split, frames } = validation;
    return await evaluateRun(run, detector, { data, split, frames, step });
  } finally {
    detector.network.dispose();
  }
}

/** The run's folder: a new one, or that of an earlier demo if it asked for the same. */
function openVariant({ folder, recipe, settings, backend }: Variant): RunFolder {
  const text = recipeText(recipe);
  const run = runFolder(folder);
  if (!existsSync(run.settings)) {
    createRunFolder(folder);
    writeFileAtomic(run.config, text);
    writeSettings(run, settings, backend);
    return run;
  }
  const before = readSettings(run);
  const differs = Object.keys(settings).filter((key) => {
    const name = key as keyof RunSettings;
    return JSON.stringify(before[name]) !== JSON.stringify(settings[name]);
  });
  if (readFileSync(run.config, "utf8") !== text) differs.push("configuration");
  if (differs.length > 0) {
    throw new Error(
      `${folder}: expected a run of the same demo, found one with another ${differs.join(", ")}; ` +
        "give another --out, or delete that folder",
    );
  }
  return run;
}
