import { join } from "node:path";
import { Command } from "commander";
import type { BackendName } from "open-backend";
import {
  type ExperimentSetup,
  type PlannedRun,
  plannedRun,
  runState,
  writeRecipes,
} from "../experiment/planned-run.js";
import { makeRuns } from "../experiment/run-queue.js";
import type { DataSource } from "../frames/data-source.js";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { simulateStreets } from "../frames/simulate-streets.js";
import { evaluateTrained } from "../inference/evaluate-run.js";
import { formatAverages, type ModerateAverages, moderateAverages } from "../inference/moderate-averages.js";
import { openTrainingDataUntil } from "../prepare/training-data.js";
import { builtinRecipe } from "../recipe/builtin-recipes.js";
import type { Recipe } from "../recipe/recipe-schema.js";
import { realScans, writeFirstLook } from "../report/first-look.js";
import { writeReport } from "../report/write-report.js";
import { sweepTemporaries } from "../system/atomic-write.js";
import { counted } from "../system/counted.js";
import { dismissDeadOwner, owningFolder } from "../system/folder-owner.js";
import { openInBrowser } from "../system/open-in-browser.js";
import { printResult } from "../system/print-result.js";
import { formatDuration } from "../system/progress.js";
import { startBackend } from "../system/start-backend.js";
import { letSignalsIn, listenForStop, type StopSignal } from "../system/stop-signal.js";
import { backendOption, jsonOption, MOST, seedOption, wholeNumber } from "./options.js";

interface DemoFlags {
  readonly data?: string;
  readonly out: string;
  readonly train: number;
  readonly val: number;
  readonly epochs: number;
  readonly seed: number;
  readonly backend: BackendName;
  readonly open: boolean;
  readonly json: boolean;
}

const VARIANTS = [
  { name: "without-entropy-loss", entropyLoss: false },
  { name: "with-entropy-loss", entropyLoss: true },
] as const;

/** Backends that compute on the processors. */
const PROCESSORS: readonly BackendName[] = ["simd", "cpu"];

const HELP = `
First, within a minute or two, OUT/first.html: what the published weights (second-weights) find in simulated scans that they have
never seen, and in real ones where --data or ../shared/kitti-mini has some.

Then makes simulated streets, trains second-small on them twice from the same seed, without and with the Entropy Loss, side by
side on the processors (one after the other on a graphics card), evaluates both with the official metrics, and writes
OUT/report.html: everything in one file, to open in any browser. What each training prints is in OUT/runs/*.log. Ctrl-C keeps
what is done; the same command goes on from there, and once it is through it takes over what is there.

The streets show that everything works and learns. One seed on simulated data is no evidence for or against the paper.`;

export function demoCommand(): Command {
  return new Command("demo")
    .description(
      "the whole pipeline without data: look with trained weights, simulate streets, train with and without the loss, report",
    )
    .option("--out <dir>", "folder for the streets, the two runs and the report", "runs/demo")
    .option("--train <n>", "frames to train on", wholeNumber(1, MOST.frames / 2), 150)
    .option("--val <n>", "frames to evaluate on", wholeNumber(1, MOST.frames / 2), 50)
    .option("--epochs <n>", "passes over the frames", wholeNumber(1, MOST.epochs), 12)
    .option("--data <dir>", "KITTI folder with real scans for the first page; ../shared/kitti-mini if it is there")
    .option("--open", "show both pages in the browser, each when it is there", false)
    .addOption(seedOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (flags: DemoFlags) => {
      const stop = listenForStop("stopping as soon as what is begun is safe (Ctrl-C again: end at once)");
      try {
        process.exitCode = await owningFolder(flags.out, () => demo(flags, stop));
      } finally {
        stop.release();
      }
    });
}

async function demo(flags: DemoFlags, stop: StopSignal): Promise<number> {
  const { out, train, val, epochs, seed, json } = flags;
  const base = builtinRecipe("second-small");
  const recipe = { ...base, training: { ...base.training, epochs } };
  const started = performance.now();
  const say = (title: string) =>
    process.stderr.write(`\n== ${title} (after ${formatDuration(performance.now() - started)})\n`);
  const interrupted = () => {
    printResult(json, { out, interrupted: true }, `stopped; the same command goes on with what is in ${out}`);
    return 130;
  };
  for (const folder of ["", "configs", "runs"]) sweepTemporaries(join(out, folder));
  await startBackend(flags.backend);

  say("1/4 what published weights find");
  const first = join(out, "first.html");
  const onFrame = async () => {
    await letSignalsIn();
    return !stop.requested;
  };
  const shown = await writeFirstLook({ out: first, data: realScans(flags.data), onFrame });
  if (shown === undefined) return interrupted();
  process.stderr.write(`${first}: ${counted(shown, "scan")}, to open in any browser while the rest goes on\n`);
  if (flags.open) openInBrowser(first);

  say(`2/4 simulating ${train} + ${val} frames of streets`);
  const data = join(out, "data");
  if (!(await simulateStreets({ root: data, train, val, seed }, stop.signal))) return interrupted();

  say("3/4 training without and with the Entropy Loss");
  const source = openDataSource(data, { reading: recipe.data });
  const trained = await trainVariants({ flags, recipe, source }, stop);
  if (trained === undefined) return interrupted();
  const runs: DemoRun[] = [];
  for (const { arm, folder } of trained) {
    const frames = resolveSplit(source, "val");
    const evaluation = await evaluateTrained(folder, { data: source, split: "val", frames, stop });
    if (evaluation === undefined) return interrupted();
    const { entropyLoss } = arm;
    const run = { run: folder.path, entropyLoss, step: evaluation.step, averages: moderateAverages(evaluation) };
    process.stderr.write(`${describe(run)}\n`);
    runs.push(run);
  }

  say("4/4 report");
  const report = join(out, "report.html");
  const folders = runs.map(({ run }) => run);
  const title = "Entropy Loss: a demonstration";
  await writeReport({ runs: folders, data: source, split: "val", out: report, title });
  const seconds = (performance.now() - started) / 1000;
  const text = [
    `on ${val} other streets, 3D AP (R40, moderate):`,
    ...runs.map(describe),
    `${report}: open it in any browser. Took ${formatDuration(1000 * seconds)}.`,
    "With KITTI's own data: eloss train --data KITTI --config second-small --entropy-loss",
  ];
  printResult(
    json,
    { out, interrupted: false, first, report, data, frames: { train, val }, runs, seconds },
    text.join("\n"),
  );
  if (flags.open) openInBrowser(report);
  return 0;
}

/**
 * Trains what is not trained yet. Where processors compute both at a time, each by half of them: that takes less time than one after
 * the other by all of them. A graphics card's memory is for one.
 * @returns undefined if it was stopped
 * @throws Error naming a run that failed
 */
async function trainVariants(
  { flags, recipe, source }: { readonly flags: DemoFlags; readonly recipe: Recipe; readonly source: DataSource },
  stop: StopSignal,
): Promise<readonly PlannedRun[] | undefined> {
  const { out, seed, backend } = flags;
  // Once, before both would do it side by side.
  const prepared = await openTrainingDataUntil(stop, source, { frames: resolveSplit(source, "train") });
  if (prepared === undefined) return undefined;
  const setup: ExperimentSetup = {
    out,
    merge: [],
    recorded: [],
    data: source.root,
    frames: prepared.frames,
    validationFrames: resolveSplit(source, "val"),
    validateEvery: Math.max(1, Math.round(recipe.training.epochs / 6)),
    backend,
  };
  const runs = VARIANTS.map(({ name, entropyLoss }) =>
    plannedRun({ name, baseline: VARIANTS[0].name, recipe, entropyLoss }, seed, setup),
  );
  // Nobody takes up a run that is finished: one that was killed behind its last step would stay its owner.
  for (const { folder } of runs) dismissDeadOwner(folder.path);
  const open = runs.filter((run) => runState(run).kind !== "finished");
  writeRecipes(runs);
  const parallel = PROCESSORS.includes(backend) ? 2 : 1;
  if (open.length > 0) await makeRuns(open, { setup, parallel, budget: Number.POSITIVE_INFINITY, signal: stop.signal });
  const failed = runs.find((run) => runState(run).kind === "failed");
  if (failed)
    throw new Error(`${failed.folder.path} failed, as said above, and in ${failed.log}; the same command tries again`);
  return runs.every((run) => runState(run).kind === "finished") ? runs : undefined;
}

/** One of the two runs, as it is printed. */
interface DemoRun {
  readonly run: string;
  readonly entropyLoss: boolean;
  /** optimiser steps */
  readonly step: number;
  readonly averages: ModerateAverages;
}

function describe({ entropyLoss, averages }: DemoRun): string {
  return `${entropyLoss ? "with" : "without"} the Entropy Loss: ${formatAverages(averages)}`;
}
