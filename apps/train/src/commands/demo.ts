import { join } from "node:path";
import { Command } from "commander";
import type { BackendName } from "open-backend";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { simulateStreets } from "../frames/simulate-streets.js";
import { formatAverages, type ModerateAverages, moderateAverages } from "../inference/moderate-averages.js";
import { builtinRecipe } from "../recipe/builtin-recipes.js";
import { realScans, writeFirstLook } from "../report/first-look.js";
import { writeReport } from "../report/write-report.js";
import { sweepTemporaries } from "../system/atomic-write.js";
import { counted } from "../system/counted.js";
import { owningFolder } from "../system/folder-owner.js";
import { openInBrowser } from "../system/open-in-browser.js";
import { printResult } from "../system/print-result.js";
import { formatDuration } from "../system/progress.js";
import { startBackend } from "../system/start-backend.js";
import { letSignalsIn, listenForStop, type StopSignal } from "../system/stop-signal.js";
import { trainAndEvaluate } from "../training/train-and-evaluate.js";
import { backendOption, jsonOption, MOST, seedOption, wholeNumber, workersOption } from "./options.js";

interface DemoFlags {
  readonly data?: string;
  readonly out: string;
  readonly train: number;
  readonly val: number;
  readonly epochs: number;
  readonly seed: number;
  readonly workers: number;
  readonly backend: BackendName;
  readonly open: boolean;
  readonly json: boolean;
}

const VARIANTS = [
  { name: "without-entropy-loss", entropyLoss: false },
  { name: "with-entropy-loss", entropyLoss: true },
] as const;

const HELP = `
First, within a minute or two, OUT/first.html: what the published weights (second-weights) find in simulated scans that they have
never seen, and in real ones where --data or ../shared/kitti-mini has some.

Then makes simulated streets, trains second-small on them twice from the same seed, without and with the Entropy Loss, evaluates
both with the official metrics, and writes OUT/report.html: everything in one file, to open in any browser. Ctrl-C keeps
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
    .addOption(workersOption())
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
  sweepTemporaries(out);
  const backend = await startBackend(flags.backend);

  say("1/5 what published weights find");
  const first = join(out, "first.html");
  const onFrame = async () => {
    await letSignalsIn();
    return !stop.requested;
  };
  const shown = await writeFirstLook({ out: first, data: realScans(flags.data), onFrame });
  if (shown === undefined) return interrupted();
  process.stderr.write(`${first}: ${counted(shown, "scan")}, to open in any browser while the rest goes on\n`);
  if (flags.open) openInBrowser(first);

  say(`2/5 simulating ${train} + ${val} frames of streets`);
  const data = join(out, "data");
  if (!(await simulateStreets({ root: data, train, val, seed }, stop.signal))) return interrupted();

  const runs: DemoRun[] = [];
  for (const [i, { name, entropyLoss }] of VARIANTS.entries()) {
    say(`${i + 3}/5 training ${name.replaceAll("-", " ")}`);
    const frames = resolveSplit(openDataSource(data), "train");
    const folder = join(out, name);
    const evaluation = await trainAndEvaluate({
      folder,
      recipe,
      settings: { data, split: "train", frames, seed, entropyLoss },
      validation: {
        every: Math.max(1, Math.round(epochs / 6)),
        split: "val",
        frames: resolveSplit(openDataSource(data), "val"),
      },
      backend,
      workers: flags.workers,
      stop,
    });
    if (evaluation === undefined) return interrupted();
    const run = { run: folder, entropyLoss, step: evaluation.step, averages: moderateAverages(evaluation) };
    process.stderr.write(`${describe(run)}\n`);
    runs.push(run);
  }

  say("5/5 report");
  const report = join(out, "report.html");
  const folders = runs.map(({ run }) => run);
  const title = "Entropy Loss: a demonstration";
  await writeReport({ runs: folders, data: openDataSource(data), split: "val", out: report, title });
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
