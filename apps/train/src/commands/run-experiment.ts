import { statSync } from "node:fs";
import { basename, join } from "node:path";
import { type Arm, cameraModelsOf, modelRecipe, modelsOf, type TrainingChanges } from "../experiment/arms.js";
import { type Bases, type Experiment, type ExperimentScale, STANDARD } from "../experiment/experiment.js";
import { experimentNamed, experiments } from "../experiment/experiments.js";
import {
  type ExperimentSetup,
  type PlannedRun,
  plannedRuns,
  runState,
  taskOf,
  trainArguments,
  writeRecipes,
} from "../experiment/planned-run.js";
import { runOutcome } from "../experiment/read-outcome.js";
import { expectSameData, type RecordedResults, readRecordedResults } from "../experiment/recorded-runs.js";
import { writeResults } from "../experiment/results.js";
import { makeRuns } from "../experiment/run-queue.js";
import {
  cancelExperiment,
  followJobs,
  livingJobs,
  type SlurmExperiment,
  submitRuns,
} from "../experiment/slurm-jobs.js";
import type { DataSource } from "../frames/data-source.js";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { simulateStreets } from "../frames/simulate-streets.js";
import { openTrainingDataUntil } from "../prepare/training-data.js";
import { stepsOf } from "../runs/run-request.js";
import { sweepTemporaries } from "../system/atomic-write.js";
import { WrongUse } from "../system/command-error.js";
import { counted } from "../system/counted.js";
import { dismissDeadOwner, owningFolder } from "../system/folder-owner.js";
import { printResult } from "../system/print-result.js";
import { startBackend } from "../system/start-backend.js";
import type { StopSignal } from "../system/stop-signal.js";
import { commandOf, type ExperimentFlags, optionsOf } from "./experiment-flags.js";
import { shellWord } from "./shell-word.js";

/** An experiment with its runs. */
interface Plan {
  readonly experiment: Experiment;
  readonly scale: ExperimentScale;
  readonly bases: Bases;
  readonly arms: readonly Arm[];
  readonly setup: ExperimentSetup;
  readonly runs: readonly PlannedRun[];
  /** those to make */
  readonly open: readonly PlannedRun[];
}

/** Looks at everything that an experiment needs, makes data where none are given, and writes the recipes of its runs. */
async function planExperiment(name: string, flags: ExperimentFlags, stop: StopSignal): Promise<Plan | undefined> {
  const experiment = experimentNamed(name);
  if (!experiment.probes && (flags.run.length > 0 || flags.otherData !== undefined)) {
    const probing = experiments.filter(({ probes }) => probes).map((each) => each.name);
    throw new WrongUse(`--run, --other-data: expected experiment ${probing.join(" or ")}, got ${name}`);
  }
  const scale = scaleOf(experiment, flags);
  const { seeds, trainFrames, valFrames, world } = scale;
  const bases = basesOf(scale, flags);
  const arms = experiment.arms(bases);
  const { out } = flags;
  const { merge, recorded } = openMerged(experiment, flags.merge);
  const data = flags.data ?? join(out, world === 0 ? "data" : `data-seed${world}`);
  const streets = { root: data, train: trainFrames, val: valFrames, seed: world };
  if (flags.data === undefined && !(await simulateStreets(streets, stop.signal))) return undefined;
  const source = openDataSource(data);
  const validationFrames = resolveSplit(source, "val");
  if (arms.length > 0) await requireKittiLabels(source, validationFrames);
  // Once, before runs would do it side by side.
  const prepared = await openTrainingDataUntil(stop, source, { frames: resolveSplit(source, "train") });
  if (prepared === undefined) return undefined;
  const { frames } = prepared;
  for (const results of recorded) expectSameData(results, { ...source.describe(), validationFrames });
  const setup: ExperimentSetup = {
    out,
    merge,
    recorded,
    data,
    frames,
    validationFrames,
    validateEvery: 1,
    backend: flags.backend,
  };
  const runs = plannedRuns(arms, seeds, setup);
  const open = runs.filter((run) => isOpen(run, flags));
  writeRecipes(runs);
  return { experiment, scale, bases, arms, setup, runs, open };
}

/**
 * Looks at the first frame; one that is at fault is left out later.
 * @throws Error if there are no labels; WrongUse if they are none that the official metrics could judge by
 */
async function requireKittiLabels(source: DataSource, ids: readonly string[]): Promise<void> {
  source.requireLabels();
  const frame = await source.read(ids[0]).catch(() => undefined);
  if (frame === undefined || frame.kittiLabels !== undefined) return;
  throw new WrongUse(
    `--data ${source.root}: expected a folder of KITTI's kind with labels, as an experiment's figures are KITTI's metrics; got scans alone. ` +
      "`eloss train` and `eloss eval` take these",
  );
}

/** The models of an experiment's size, their training as long as it is asked for. */
function basesOf({ size, epochs, ema }: ExperimentScale, { precision }: ExperimentFlags): Bases {
  const changes: TrainingChanges = {
    ...(epochs !== undefined && { epochs }),
    ...(ema !== undefined && { ema: { decay: ema } }),
    precision,
  };
  return {
    models: modelsOf(size),
    cameraModels: cameraModelsOf(size),
    recipe: (model) => modelRecipe(model, size, changes),
  };
}

/** What `--merge` names: folders of experiments, and results. @throws WrongUse naming what is neither */
function openMerged(
  { name, needsFolders }: Experiment,
  paths: readonly string[],
): { readonly merge: readonly string[]; readonly recorded: readonly RecordedResults[] } {
  const isFile = (path: string) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined)
      throw new WrongUse(`--merge ${path}: expected a folder of experiments or a results.json, got nothing`);
    return stat.isFile();
  };
  const files = paths.filter(isFile);
  if (needsFolders && files.length > 0)
    throw new WrongUse(`--merge ${files[0]}: expected a folder, as experiment ${name} looks into its runs; got a file`);
  return { merge: paths.filter((path) => !isFile(path)), recorded: files.map(readRecordedResults) };
}

/** What the command line asks for, else the experiment, else the standard. */
function scaleOf({ standard }: Experiment, flags: ExperimentFlags): ExperimentScale {
  const { size, seeds, trainFrames, valFrames, epochs, ema } = flags;
  const given = Object.entries({ size, seeds, trainFrames, valFrames, epochs, ema }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...STANDARD, ...standard, ...Object.fromEntries(given) };
}

export async function printCommands(name: string, flags: ExperimentFlags, stop: StopSignal): Promise<number> {
  const plan = await planExperiment(name, flags, stop);
  if (plan === undefined) return 130;
  const commands = plan.open.map((run) => `eloss ${trainArguments(run, plan.setup).map(shellWord).join(" ")}`);
  if (flags.json || commands.length > 0) printResult(flags.json, { commands }, commands.join("\n"));
  return 0;
}

export async function runExperiment(name: string, flags: ExperimentFlags, stop: StopSignal): Promise<number> {
  const { out, parallel, budget, json } = flags;
  for (const folder of ["", "configs", "runs", name]) sweepTemporaries(join(out, folder));
  const plan = await planExperiment(name, flags, stop);
  if (plan === undefined) return 130;
  const { experiment, scale, bases, arms, setup, runs, open } = plan;
  const { size, seeds, epochs, ema } = scale;
  await startBackend(flags.backend, flags.precision);
  process.stderr.write(`${experiment.title}: ${open.length} of ${runs.length} runs to make, into ${out}\n`);
  // Nobody takes up a run that is finished: one that was killed behind its last step would stay its owner.
  for (const { folder } of runs) dismissDeadOwner(folder.path);
  const interrupted = await makeRuns(open, {
    setup,
    parallel,
    budget: budget === undefined ? Number.POSITIVE_INFINITY : 60_000 * budget,
    signal: stop.signal,
  });
  const findings = await experiment.findings({
    arms,
    runs,
    setup,
    bases,
    probed: { runs: flags.run, otherData: flags.otherData },
    signal: stop.signal,
  });
  const { folder, results } = writeResults(experiment, findings, {
    setup,
    command: commandOf(name, flags, scale),
    facts: experiment.probes
      ? probingFacts(setup, flags)
      : [
          ["Networks", size],
          ["Seeds", `0 to ${seeds - 1}`],
          ["Frames", `${setup.frames.length} to train on, ${setup.validationFrames.length} to evaluate on`],
          ["Backend", flags.backend],
          ...(flags.precision === "bf16" ? [["Products", "bf16"] as const] : []),
          ["Epochs", epochs === undefined ? "as configured" : String(epochs)],
          ...(ema === undefined ? [] : [["Running average of the weights", `decay ${ema}`] as const]),
          ["Runs at a time", String(parallel)],
          ...recordedFacts(runs, setup),
        ],
    arms,
    runs: runs.map(runOutcome),
  });
  const text = `${folder}/results.json\n${folder}/index.html: open it in any browser`;
  printResult(json, { folder, ...results }, text);
  if (interrupted > 0)
    process.stderr.write(
      `${counted(interrupted, "run was", "runs were")} interrupted; the same command goes on with ${interrupted === 1 ? "it" : "them"}\n`,
    );
  return stop.requested || interrupted > 0 ? 130 : 0;
}

/** How many runs are known from results alone. */
function recordedFacts(runs: readonly PlannedRun[], { recorded }: ExperimentSetup): [string, string][] {
  const count = runs.filter((run) => run.recorded !== undefined).length;
  return count === 0
    ? []
    : [["Taken over", `${counted(count, "run")} of ${recorded.map(({ path }) => basename(path)).join(", ")}`]];
}

/** What is worth knowing about an experiment that trains nothing and looks at what is there. */
function probingFacts(
  { frames, validationFrames }: ExperimentSetup,
  { run, otherData, backend }: ExperimentFlags,
): [string, string][] {
  return [
    ["Frames", `${frames.length} to learn what is usual from, ${validationFrames.length} others to tell it of`],
    ...run.map((folder): [string, string] => ["Run", basename(folder)]),
    ...(otherData === undefined ? [] : [["Other data", basename(otherData)] as [string, string]]),
    ["Backend", backend],
  ];
}

const slurmFolder = (name: string, { out }: ExperimentFlags) => join(out, experimentNamed(name).name, "slurm");

/** Submits what is to be made, or finds it submitted, and looks at it until it has ended. */
export async function runOnSlurm(name: string, flags: ExperimentFlags, stop: StopSignal): Promise<number> {
  const folder = slurmFolder(name, flags);
  const plan = await owningFolder(flags.out, () => planExperiment(name, flags, stop));
  if (plan === undefined) return 130;
  const { setup, runs } = plan;
  const experiment = (wanted: readonly PlannedRun[]): SlurmExperiment => ({
    name,
    folder,
    tasks: wanted.map((run) => taskOf(run, setup)),
    totalSteps: wanted.reduce((sum, { request }) => sum + stepsOf(request), 0),
    tabulate: ["experiment", name, ...optionsOf(flags), "--budget", "0"],
    wishes: flags,
  });
  const there = await livingJobs(folder);
  if (there === undefined && plan.open.length === 0) {
    return owningFolder(flags.out, () => runExperiment(name, { ...flags, budget: 0 }, stop));
  }
  const jobs = there ?? (await submitRuns(experiment(plan.open)));
  const what = there ? "are in the queue already" : `make ${plan.open.length} of ${runs.length} runs`;
  process.stderr.write(`jobs ${jobs.array} and ${jobs.table} ${what}; what they print: ${folder}
`);
  const ended = await followJobs(jobs, experiment(runs), stop.signal);
  const states = runs.map((run) => runState(run).kind);
  const count = (...kinds: readonly string[]) => states.filter((kind) => kinds.includes(kind)).length;
  const [finished, failed, open] = [count("finished"), count("failed"), count("missing", "begun")];
  const results = join(flags.out, name);
  const text = `${counted(finished, "run")} finished, ${failed} failed, ${open} to go on with
${results}/index.html: open it in any browser`;
  printResult(flags.json, { folder: results, jobs, ended, finished, failed, open }, text);
  return ended && open === 0 ? 0 : 130;
}

export async function cancelOnSlurm(name: string, flags: ExperimentFlags): Promise<number> {
  const cancelled = await cancelExperiment(slurmFolder(name, flags));
  const text = cancelled ? "the jobs have ended; the same command without --cancel submits what is left" : "no jobs";
  printResult(flags.json, { cancelled }, text);
  return 0;
}

function isOpen(run: PlannedRun, { retry }: ExperimentFlags): boolean {
  const { kind } = runState(run);
  return kind === "missing" || kind === "begun" || (kind === "failed" && retry);
}
