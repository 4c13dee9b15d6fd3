import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { BackendName } from "open-backend";
import { z } from "zod";
import { parseRecipe, recipeText } from "../recipe/parse-recipe.js";
import { parseAs, readJsonLines } from "../report/json-lines.js";
import { stepLine } from "../report/run-files.js";
import { type RunFolder, readSettings, runFolder } from "../runs/run-folder.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import type { Arm } from "./arms.js";

/** One training run of an experiment. */
export interface PlannedRun {
  readonly arm: Arm;
  readonly seed: number;
  readonly folder: RunFolder;
  /** the arm's recipe as a file */
  readonly recipe: string;
  /** what it prints */
  readonly log: string;
  /** how it ended, if it failed */
  readonly failure: string;
}

/** What runs are trained on, and where everything is kept. */
export interface ExperimentPlace {
  /** folder of all experiments: configs/, runs/, and a folder for each experiment's results */
  readonly out: string;
  /** KITTI root */
  readonly data: string;
  /** what computes */
  readonly backend: BackendName;
}

export function plannedRun(arm: Arm, seed: number, { out }: ExperimentPlace): PlannedRun {
  const name = `${arm.name}-seed${seed}`;
  return {
    arm,
    seed,
    folder: runFolder(join(out, "runs", name)),
    recipe: join(out, "configs", `${arm.name}.yaml`),
    log: join(out, "runs", `${name}.log`),
    failure: join(out, "runs", `${name}.failed.json`),
  };
}

/** Writes the recipes that runs are given by file. */
export function writeRecipes(runs: readonly PlannedRun[]): void {
  for (const { recipe, arm } of runs) {
    mkdirSync(dirname(recipe), { recursive: true });
    writeFileAtomic(recipe, recipeText(arm.recipe));
  }
}

/** The arguments of `eloss` that make the run. */
export function trainArguments(
  { arm, seed, folder, recipe }: PlannedRun,
  { data, backend }: ExperimentPlace,
): string[] {
  const loss = arm.entropyLoss ? ["--entropy-loss"] : [];
  const every = ["--validate-every", "1"];
  const computer = backend === "simd" ? [] : ["--backend", backend];
  return [
    "train",
    "--data",
    data,
    "--config",
    recipe,
    "--seed",
    String(seed),
    ...loss,
    ...every,
    ...computer,
    "--out",
    folder.path,
  ];
}

/** The same, to go on where the run has been begun: what a scheduler elsewhere would be given. */
export function nextArguments(run: PlannedRun, place: ExperimentPlace): string[] {
  return [...trainArguments(run, place), ...(existsSync(run.folder.checkpoint) ? ["--resume"] : [])];
}

/** Where a run is. */
export type RunState =
  | { readonly kind: "missing" | "begun"; readonly step: number }
  | { readonly kind: "finished"; readonly step: number }
  | { readonly kind: "failed"; readonly step: number; readonly reason: string };

/** Optimiser steps of a run over `frames` frames. */
export function stepsOf({ recipe: { training } }: Arm, frames: number): number {
  return training.epochs * Math.ceil(frames / training.batchSize);
}

const failureFile = z.object({ reason: z.string() });

/** Looks at a run's folder. @throws Error if it holds a run of other options, with what to do */
export function runState({ arm, seed, folder, recipe, failure }: PlannedRun): RunState {
  const step = lastStep(folder.metrics);
  if (existsSync(failure)) {
    return { kind: "failed", step, reason: parseAs(readFileSync(failure, "utf8"), failureFile, failure).reason };
  }
  if (!existsSync(folder.settings)) return { kind: "missing", step: 0 };
  const settings = readSettings(folder);
  const { epochs } = arm.recipe.training;
  if (settings.seed !== seed || settings.entropyLoss !== arm.entropyLoss || settings.epochs !== epochs) {
    throw new Error(
      `${folder.path}: expected a run of ${epochs} epochs with seed ${seed}, found ${settings.epochs} epochs with seed ` +
        `${settings.seed}; give the same --epochs, another --out, or delete that folder`,
    );
  }
  if (
    !isDeepStrictEqual(
      parseRecipe(readFileSync(folder.config, "utf8"), folder.config),
      parseRecipe(recipeText(arm.recipe), recipe),
    )
  ) {
    throw new Error(
      `${folder.path}: expected a run of the recipe ${recipe}, found another one in ${folder.config}; ` +
        "give another --out, or delete that folder",
    );
  }
  const validated = existsSync(folder.validation) ? lastStep(folder.validation) : 0;
  const total = stepsOf(arm, settings.frames.length);
  return { kind: validated === total ? "finished" : "begun", step };
}

/** The step of the last whole line of a file, 0 without one. */
export function lastStep(path: string): number {
  if (!existsSync(path)) return 0;
  const line = readFileSync(path, "utf8").split("\n").at(-2);
  if (line === undefined) return 0;
  try {
    return (JSON.parse(line) as { step: number }).step;
  } catch {
    return 0; // a line that is being written
  }
}

/** Every step of a run. */
export function readSteps({ metrics }: RunFolder) {
  return readJsonLines(metrics, stepLine);
}
