import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkAs, parseJson } from "checked-text";
import type { BackendName } from "open-backend";
import { z } from "zod";
import { recipeText } from "../recipe/parse-recipe.js";
import { type RunFolder, runFolder } from "../runs/run-folder.js";
import { lastStep } from "../runs/run-lines.js";
import { holdsRun, openSameRun, type RunRequest, stepsOf } from "../runs/run-request.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import type { Arm } from "./arms.js";

/** One training run of an experiment. */
export interface PlannedRun {
  readonly arm: Arm;
  readonly seed: number;
  /** what it is asked for */
  readonly request: RunRequest;
  readonly folder: RunFolder;
  /** the arm's recipe as a file */
  readonly recipe: string;
  /** what it prints */
  readonly log: string;
  /** how it ended, if it failed */
  readonly failure: string;
}

/** What runs are trained on, and where everything is kept. */
export interface ExperimentSetup {
  /** folder of all experiments: configs/, runs/, and a folder for each experiment's results */
  readonly out: string;
  /** KITTI root */
  readonly data: string;
  /** to train on: of the split `train`, those without fault */
  readonly frames: readonly string[];
  /** to evaluate and measure on: of the split `val` */
  readonly validationFrames: readonly string[];
  /** what computes */
  readonly backend: BackendName;
}

export function plannedRun(arm: Arm, seed: number, { out, data, frames }: ExperimentSetup): PlannedRun {
  const name = `${arm.name}-seed${seed}`;
  const { recipe, entropyLoss } = arm;
  return {
    arm,
    seed,
    request: { settings: { data, split: "train", frames, seed, entropyLoss }, recipe },
    folder: runFolder(join(out, "runs", name)),
    recipe: join(out, "configs", `${arm.name}.yaml`),
    log: join(out, "runs", `${name}.log`),
    failure: join(out, "runs", `${name}.failed.json`),
  };
}

/** Writes the recipes that runs are given by file. */
export function writeRecipes(runs: readonly PlannedRun[]): void {
  for (const { recipe, arm } of runs) {
    writeFileAtomic(recipe, recipeText(arm.recipe));
  }
}

/** The arguments of `eloss` that make the run, or go on with it. */
export function trainArguments(
  { arm, seed, folder, recipe }: PlannedRun,
  { data, backend }: ExperimentSetup,
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

/** Where a run is. */
export type RunState =
  | { readonly kind: "missing" | "begun"; readonly step: number }
  | { readonly kind: "finished"; readonly step: number }
  | { readonly kind: "failed"; readonly step: number; readonly reason: string };

const failureFile = z.object({ reason: z.string() });

/** Looks at a run's folder. @throws Error if it holds a run of another request, with what to do */
export function runState({ request, folder, failure }: PlannedRun): RunState {
  const step = lastStep(folder.metrics);
  if (existsSync(failure)) {
    const { reason } = checkAs(parseJson(readFileSync(failure, "utf8"), failure), failureFile, failure);
    return { kind: "failed", step, reason };
  }
  if (!holdsRun(folder)) return { kind: "missing", step: 0 };
  openSameRun(folder.path, request, "give the same options, another --out, or delete that folder");
  const isFinished = lastStep(folder.validation) === stepsOf(request) && existsSync(folder.checkpoint);
  return { kind: isFinished ? "finished" : "begun", step };
}
