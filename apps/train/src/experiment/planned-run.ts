import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkAs, parseJson } from "checked-text";
import type { BackendName } from "open-backend";
import { z } from "zod";
import { recipeText } from "../recipe/parse-recipe.js";
import { type RunFolder, runFolder } from "../runs/run-folder.js";
import { lastStep } from "../runs/run-lines.js";
import { expectSameRequest, holdsRun, openSameRun, type RunRequest, stepsOf } from "../runs/run-request.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import type { Arm } from "./arms.js";
import { type RecordedResults, type RecordedRun, recordedRun } from "./recorded-runs.js";
import type { RunTask } from "./run-task.js";
import { expectSameEvaluation } from "./same-evaluation.js";

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
  /** what is known of it where it was made elsewhere and its folder has stayed there */
  readonly recorded?: RecordedRun | undefined;
}

/** What runs are trained on, and where everything is kept. */
export interface ExperimentSetup {
  /** folder of all experiments: configs/, runs/, and a folder for each experiment's results */
  readonly out: string;
  /** other such folders, of other machines: what is finished there is not made here */
  readonly merge: readonly string[];
  /** results of other machines: nor is what is finished in them */
  readonly recorded: readonly RecordedResults[];
  /** KITTI root */
  readonly data: string;
  /** to train on: of the split `train`, those without fault */
  readonly frames: readonly string[];
  /** to evaluate and measure on: of the split `val` */
  readonly validationFrames: readonly string[];
  /** after how many epochs each time; the last is always followed by an evaluation */
  readonly validateEvery: number;
  /** what computes */
  readonly backend: BackendName;
}

export function plannedRun(arm: Arm, seed: number, setup: ExperimentSetup): PlannedRun {
  const { out, merge, data, frames } = setup;
  const name = `${arm.name}-seed${seed}`;
  const { recipe, entropyLoss } = arm;
  const runIn = (folder: string): PlannedRun => ({
    arm,
    seed,
    request: { settings: { data, split: "train", frames, seed, entropyLoss }, recipe },
    folder: runFolder(join(folder, "runs", name)),
    recipe: join(out, "configs", `${arm.name}.yaml`),
    log: join(folder, "runs", `${name}.log`),
    failure: join(folder, "runs", `${name}.failed.json`),
  });
  const own = runIn(out);
  const made = [own, ...merge.map(runIn)].find((run) => runState(run).kind === "finished");
  return made ?? { ...own, recorded: recordedIn(setup, own) };
}

/** What is known of a run from results of other machines. @throws Error if it is one of another request, with what to do */
function recordedIn({ recorded }: ExperimentSetup, { arm, seed, request }: PlannedRun): RecordedRun | undefined {
  for (const results of recorded) {
    const run = recordedRun(results, arm.name, seed);
    if (run === undefined) continue;
    const where = `${results.path}: ${arm.name}, seed ${seed}`;
    expectSameRequest(run.request, request, { where, remedy: "give the same options, or leave that file out" });
    return run;
  }
  return undefined;
}

/**
 * The runs of an experiment's arms, in the order to be made in: stage after stage, and in each seed by seed, so that an interrupted one
 * has whole pairs.
 * @throws Error if one that is there is of another request, or was evaluated on other frames as far as their number tells
 */
export function plannedRuns(arms: readonly Arm[], seeds: number, setup: ExperimentSetup): PlannedRun[] {
  const stages = [...new Set(arms.map(({ stage = 0 }) => stage))].sort((a, b) => a - b);
  const runs = stages.flatMap((stage) => {
    const members = arms.filter((arm) => (arm.stage ?? 0) === stage);
    return Array.from({ length: seeds }, (_, seed) =>
      members.filter((arm) => seed < (arm.seeds ?? seeds)).map((arm) => plannedRun(arm, seed, setup)),
    ).flat();
  });
  const isMade = (run: PlannedRun) => run.recorded === undefined && runState(run).kind === "finished";
  expectSameEvaluation(runs.filter(isMade), setup);
  return runs;
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
  { data, validateEvery, backend }: ExperimentSetup,
): string[] {
  const loss = arm.entropyLoss ? ["--entropy-loss"] : [];
  const every = ["--validate-every", String(validateEvery)];
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

/** The run for a process of its own. */
export function taskOf(run: PlannedRun, setup: ExperimentSetup): RunTask {
  const { folder, log, failure } = run;
  return { folder: folder.path, log, failure, args: trainArguments(run, setup) };
}

/** Where a run is. */
export type RunState =
  | { readonly kind: "missing" | "begun"; readonly step: number }
  | { readonly kind: "finished"; readonly step: number }
  | { readonly kind: "failed"; readonly step: number; readonly reason: string };

const failureFile = z.object({ reason: z.string() });

/**
 * Looks at a run's folder. What is finished is so whatever its process said: one that left out a frame ends with status 1, and one that
 * failed may have been gone on with by hand.
 * @throws Error if it holds a run of another request, with what to do
 */
export function runState({ request, folder, failure, recorded }: PlannedRun): RunState {
  if (recorded !== undefined) return recorded.outcome.state;
  const step = lastStep(folder.metrics);
  const isThere = holdsRun(folder);
  const isFinished = isThere && lastStep(folder.validation) === stepsOf(request) && existsSync(folder.checkpoint);
  if (!isFinished && existsSync(failure)) {
    const { reason } = checkAs(parseJson(readFileSync(failure, "utf8"), failure), failureFile, failure);
    return { kind: "failed", step, reason };
  }
  if (!isThere) return { kind: "missing", step: 0 };
  openSameRun(folder.path, request, "give the same options, another --out, or delete that folder");
  return { kind: isFinished ? "finished" : "begun", step };
}
