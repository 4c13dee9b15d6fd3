import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { Command, Option } from "commander";
import type { BackendName, Precision } from "open-backend";
import {
  type Arm,
  type ExperimentSize,
  modelRecipe,
  modelsOf,
  SIZES,
  type TrainingChanges,
} from "../experiment/arms.js";
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
import { writeResults } from "../experiment/results.js";
import { runOutcome } from "../experiment/run-outcome.js";
import { makeRuns } from "../experiment/run-queue.js";
import {
  cancelExperiment,
  followJobs,
  livingJobs,
  type SlurmExperiment,
  submitRuns,
} from "../experiment/slurm-jobs.js";
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
import { listenForStop, type StopSignal } from "../system/stop-signal.js";
import { backendOption, jsonOption, MOST, precisionOption, shareBelowOne, wholeNumber } from "./options.js";

interface ExperimentFlags {
  readonly data?: string;
  readonly out: string;
  readonly merge: readonly string[];
  readonly run: readonly string[];
  readonly otherData?: string;
  readonly size?: ExperimentSize;
  readonly seeds?: number;
  readonly trainFrames?: number;
  readonly valFrames?: number;
  readonly epochs?: number;
  readonly ema?: number;
  readonly backend: BackendName;
  readonly precision?: Precision;
  readonly parallel: number;
  readonly budget?: number;
  readonly retry: boolean;
  readonly print: boolean;
  readonly slurm: boolean;
  readonly cancel: boolean;
  readonly partition?: string;
  readonly time?: string;
  readonly cpus?: number;
  readonly atOnce?: number;
  readonly sbatch: readonly string[];
  readonly json: boolean;
}

const HELP = `
Experiments:
${experiments.map(({ name, question }) => `  ${name.padEnd(14)} ${question}`).join("\n")}

Without --data simulated streets are made and used: enough to see what the loss does, no evidence about real traffic.
Runs are kept in OUT/runs and shared by the experiments: the same arm and seed is trained once. Ctrl-C stops after the
step; the same command goes on, also after a crash. One experiment at a time works in OUT; a run that eloss train is making
elsewhere is waited for. OUT/NAME holds results.json, index.html and
drawings as SVG.

Examples:
  eloss experiment table --seeds 3 --epochs 6
  eloss experiment replication --parallel 1 --merge /mnt/other/experiments
  eloss experiment table --data KITTI --size kitti --seeds 5 --backend tensorflow --parallel 1
  eloss experiment table --slurm --partition gpu --time 4:00:00 --cpus 8 --at-once 16
  eloss experiment l1-l2 --print          one command per run, for another scheduler; then the same without --print

--slurm submits the runs as a job array and one more job that tabulates after them, and shows their progress. Ctrl-C only looks away: the
jobs go on, and the same command looks at them again, or submits what has been interrupted; --slurm --cancel ends them, each with a
checkpoint. A run that is preempted, or whose time is up, goes back into the queue and goes on from its checkpoint.
`;

export function experimentCommand(): Command {
  return new Command("experiment")
    .description("test a claim of the paper over several seeds: make the runs, or go on with them, and tabulate")
    .argument("<name>", `one of ${experiments.map(({ name }) => name).join(", ")}`)
    .option("--data <dir>", "KITTI root with ImageSets/train.txt and val.txt (default: simulated streets in OUT/data)")
    .option("--out <dir>", "folder of all experiments", "runs/experiments")
    .option("--merge <dir...>", "take finished runs from these folders of other machines, too", [])
    .option("--run <dir...>", "unusual-input: look at these runs, too", [])
    .option("--other-data <dir>", "unusual-input: corrupt all frames of this data set, too")
    .addOption(new Option("--size <size>", `size of the networks (default: ${STANDARD.size})`).choices([...SIZES]))
    .option(
      "--seeds <n>",
      `runs of each arm, with seeds 0 to n − 1 (default: the experiment's, or ${STANDARD.seeds})`,
      wholeNumber(1, MOST.runs),
    )
    .option(
      "--train-frames <n>",
      `without --data: frames to train on (default: the experiment's, or ${STANDARD.trainFrames})`,
      wholeNumber(1, MOST.frames),
    )
    .option(
      "--val-frames <n>",
      `without --data: frames to evaluate on (default: the experiment's, or ${STANDARD.valFrames})`,
      wholeNumber(1, MOST.frames),
    )
    .option(
      "--epochs <n>",
      "passes over the frames (default: the experiment's, or the recipe's)",
      wholeNumber(1, MOST.epochs),
    )
    .option(
      "--ema <decay>",
      "keep a running average of the weights (default: the experiment's, or none)",
      shareBelowOne,
    )
    .addOption(backendOption())
    .addOption(precisionOption("float32"))
    .option(
      "--parallel <n>",
      "runs at a time; they share the processors",
      wholeNumber(1, MOST.workers),
      availableParallelism(),
    )
    .option(
      "--budget <minutes>",
      "start no run later than this; what is missing is shown as missing",
      wholeNumber(0, MOST.minutes),
    )
    .option("--retry", "try failed runs again", false)
    .option("--print", "print the command of each run that is not finished, and make none", false)
    .addOption(
      new Option("--slurm", "submit the runs to Slurm, or look at those submitted").default(false).conflicts("print"),
    )
    .option("--cancel", "with --slurm: end the jobs of the experiment", false)
    .option("--partition <name>", "with --slurm: where the runs are queued")
    .option("--time <limit>", "with --slurm: most time of a run at once, as sbatch takes it")
    .option("--cpus <n>", "with --slurm: processors of a run", wholeNumber(1, MOST.workers))
    .option("--at-once <n>", "with --slurm: runs at a time", wholeNumber(1, MOST.runs))
    .addOption(
      new Option("--sbatch <option>", "with --slurm: any option of sbatch, such as --account=mine; more than once")
        .argParser((option: string, before: readonly string[]) => [...before, option])
        .default([], "none"),
    )
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (name: string, flags: ExperimentFlags) => {
      const message = flags.slurm
        ? "looking away; the jobs go on, and the same command looks at them again"
        : "stopping the runs after their step (Ctrl-C again: end at once)";
      const stop = listenForStop(message);
      try {
        process.exitCode = await commandFor(flags)(name, flags, stop);
      } finally {
        stop.release();
      }
    });
}

function commandFor({ slurm, cancel, print }: ExperimentFlags): typeof runExperiment {
  if (cancel && !slurm) throw new WrongUse("--cancel: expected --slurm with it; Ctrl-C ends runs of this machine");
  if (slurm) return cancel ? cancelOnSlurm : runOnSlurm;
  if (print) return printCommands;
  return (name, flags, stop) => owningFolder(flags.out, () => runExperiment(name, flags, stop));
}

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
  const { size, seeds, trainFrames, valFrames, epochs, ema, world } = scale;
  const { out, merge } = flags;
  const data = flags.data ?? join(out, world === 0 ? "data" : `data-seed${world}`);
  const streets = { root: data, train: trainFrames, val: valFrames, seed: world };
  if (flags.data === undefined && !(await simulateStreets(streets, stop.signal))) return undefined;
  // Once, before runs would do it side by side.
  const source = openDataSource(data);
  const prepared = await openTrainingDataUntil(stop, source, { frames: resolveSplit(source, "train") });
  if (prepared === undefined) return undefined;
  const { frames } = prepared;
  const validationFrames = resolveSplit(source, "val");
  const setup: ExperimentSetup = { out, merge, data, frames, validationFrames, backend: flags.backend };
  const changes: TrainingChanges = {
    ...(epochs !== undefined && { epochs }),
    ...(ema !== undefined && { ema: { decay: ema } }),
    precision: flags.precision,
  };
  const bases: Bases = { models: modelsOf(size), recipe: (model) => modelRecipe(model, size, changes) };
  const arms = experiment.arms(bases);
  const runs = plannedRuns(arms, seeds, setup);
  const open = runs.filter((run) => isOpen(run, flags));
  writeRecipes(runs);
  return { experiment, scale, bases, arms, setup, runs, open };
}

/** What the command line asks for, else the experiment, else the standard. */
function scaleOf({ standard }: Experiment, flags: ExperimentFlags): ExperimentScale {
  const { size, seeds, trainFrames, valFrames, epochs, ema } = flags;
  const given = Object.entries({ size, seeds, trainFrames, valFrames, epochs, ema }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...STANDARD, ...standard, ...Object.fromEntries(given) };
}

async function printCommands(name: string, flags: ExperimentFlags, stop: StopSignal): Promise<number> {
  const plan = await planExperiment(name, flags, stop);
  if (plan === undefined) return 130;
  const commands = plan.open.map((run) => `eloss ${trainArguments(run, plan.setup).join(" ")}`);
  if (flags.json || commands.length > 0) printResult(flags.json, { commands }, commands.join("\n"));
  return 0;
}

async function runExperiment(name: string, flags: ExperimentFlags, stop: StopSignal): Promise<number> {
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
        ],
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
async function runOnSlurm(name: string, flags: ExperimentFlags, stop: StopSignal): Promise<number> {
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

async function cancelOnSlurm(name: string, flags: ExperimentFlags): Promise<number> {
  const cancelled = await cancelExperiment(slurmFolder(name, flags));
  const text = cancelled ? "the jobs have ended; the same command without --cancel submits what is left" : "no jobs";
  printResult(flags.json, { cancelled }, text);
  return 0;
}

/** The options that name an experiment and its runs. */
function optionsOf(flags: ExperimentFlags): string[] {
  const { data, out, merge, size, seeds, trainFrames, valFrames, epochs, ema, backend, precision } = flags;
  const frames = { "train-frames": trainFrames, "val-frames": valFrames };
  const given = { data, out, size, seeds, ...frames, epochs, ema, backend, precision };
  const options = Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key}`, `${value}`],
  );
  const lists = { merge, run: flags.run, "other-data": flags.otherData === undefined ? [] : [flags.otherData] };
  return [...options, ...Object.entries(lists).flatMap(([key, list]) => list.flatMap((each) => [`--${key}`, each]))];
}

/** The command line that gives these results again. */
function commandOf(name: string, flags: ExperimentFlags, scale: ExperimentScale): string {
  const { data, out, backend, precision, run, otherData } = flags;
  const { size, seeds, trainFrames, valFrames, epochs, ema } = scale;
  const made = data === undefined ? { "train-frames": trainFrames, "val-frames": valFrames } : {};
  const trained = experimentNamed(name).probes ? {} : { size, seeds };
  const computer = backend === "simd" ? undefined : backend;
  const probed = { run: run.length === 0 ? undefined : run.join(" "), "other-data": otherData };
  const given = { data, out, ...trained, ...made, epochs, ema, ...probed, backend: computer, precision };
  const options = Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [`--${key} ${value}`]));
  return `eloss experiment ${name} ${options.join(" ")}`;
}

function isOpen(run: PlannedRun, { retry }: ExperimentFlags): boolean {
  const { kind } = runState(run);
  return kind === "missing" || kind === "begun" || (kind === "failed" && retry);
}
