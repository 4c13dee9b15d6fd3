import { rmSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { formatEvaluation } from "kitti-eval";
import type { BackendName, BackendReport } from "open-backend";
import { builtinConfig } from "second-detector";
import { stringify } from "yaml";
import { writeFileAtomic } from "../atomic-write.js";
import { writeDemoData } from "../demo-data.js";
import { evaluateRun } from "../evaluate-run.js";
import { openTrainedDetector } from "../open-detector.js";
import { backendOption, seedOption, wholeNumber } from "../options.js";
import { createRunFolder, type RunSettings, writeSettings } from "../run-folder.js";
import { startBackend } from "../start-backend.js";
import { listenForStop } from "../stop-signal.js";
import { trainRun } from "../train-run.js";

interface DemoFlags {
  readonly out: string;
  readonly epochs: number;
  readonly seed: number;
  readonly backend: BackendName;
}

const FRAMES = 4;

export function demoCommand(): Command {
  return new Command("demo")
    .description("the whole pipeline without data: make four tiny synthetic scenes, train on them twice, evaluate")
    .option(
      "--out <dir>",
      "folder for the scenes and the two runs; what an earlier demo left there is replaced",
      "runs/demo",
    )
    .option("--epochs <n>", "passes over the scenes", wholeNumber(1), 80)
    .addOption(seedOption())
    .addOption(backendOption())
    .action(async (flags: DemoFlags) => {
      process.exitCode = await demo(flags);
    });
}

async function demo({ out, epochs, seed, backend: backendName }: DemoFlags): Promise<number> {
  const backend = await startBackend(backendName);
  for (const line of [`backend ${backend.description}`, ...backend.notes]) process.stderr.write(`${line}\n`);
  const data = join(out, "data");
  const frames = await writeDemoData(data, { count: FRAMES, seed });
  process.stdout.write(
    `${FRAMES} synthetic scenes in ${data}: flat ground, walls and cuboid cars seen by an ideal scanner.\n` +
      "They show that the pipeline works and learns; they say nothing about real traffic or about the paper's claim.\n",
  );
  const stop = listenForStop("stopping after this step (Ctrl-C again: end at once)");
  try {
    for (const entropyLoss of [false, true]) {
      const ended = await demoRun({ out, data, frames, epochs, seed, entropyLoss, backend, stop });
      if (!ended) return 130;
    }
  } finally {
    stop.release();
  }
  process.stdout.write(
    `\nThe runs are in ${out}. With KITTI's own data: eloss train --data KITTI --config second-mini --entropy-loss\n`,
  );
  return 0;
}

interface DemoRun {
  readonly out: string;
  readonly data: string;
  readonly frames: readonly string[];
  readonly epochs: number;
  readonly seed: number;
  readonly entropyLoss: boolean;
  readonly backend: BackendReport;
  readonly stop: { readonly requested: boolean };
}

/** Trains and evaluates one variant. @returns false if it was stopped */
async function demoRun({ out, data, frames, epochs, seed, entropyLoss, backend, stop }: DemoRun): Promise<boolean> {
  const name = entropyLoss ? "with-entropy-loss" : "without-entropy-loss";
  process.stdout.write(`\n== ${name}\n`);
  const base = builtinConfig("second-mini");
  // Four scenes are learnt by heart: nothing to gain from changing them.
  const config = { ...base, augmentation: undefined, training: { ...base.training, epochs } };
  const settings: RunSettings = {
    data,
    split: "all",
    frames,
    seed,
    epochs,
    batchSize: config.training.batchSize,
    entropyLoss,
    augmentation: false,
  };
  const folder = join(out, name);
  rmSync(folder, { recursive: true, force: true });
  const run = createRunFolder(folder);
  writeFileAtomic(run.config, stringify(config));
  writeSettings(run, settings, { node: process.version, ...backend });
  const outcome = await trainRun({ run, config, settings, resume: false, workers: 1, stop });
  if (outcome.interrupted) return false;
  process.stdout.write(
    `mean loss of an epoch from ${outcome.firstEpochLoss.toFixed(4)} to ${outcome.lastEpochLoss.toFixed(4)}\n`,
  );
  const { detector, step } = openTrainedDetector(run);
  const { result, ceiling } = await evaluateRun(run, detector, { data, split: "all", frames, step });
  detector.network.dispose();
  process.stdout.write(`on the scenes it was trained on: ${formatEvaluation(result, { ceiling, classes: ["car"] })}\n`);
  return true;
}
