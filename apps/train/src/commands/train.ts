import { existsSync } from "node:fs";
import { Command } from "commander";
import { KITTI_CLASSES } from "kitti-io";
import type { BackendName, BackendReport } from "open-backend";
import { builtinConfigNames, type DetectorConfig } from "second-detector";
import { stringify } from "yaml";
import { resolveSplit } from "../frames/frame-split.js";
import { openConfig } from "../inference/open-detector.js";
import { readImageWeights } from "../inference/read-public-weights.js";
import { indexPath, preparedFolder } from "../prepare/index-file.js";
import { openTrainingData } from "../prepare/training-data.js";
import {
  createRunFolder,
  openRunFolder,
  type RunFolder,
  type RunSettings,
  requireSameSettings,
  writeSettings,
} from "../runs/run-folder.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { startBackend } from "../system/start-backend.js";
import { listenForStop } from "../system/stop-signal.js";
import { type TrainingOutcome, trainRun } from "../training/train-run.js";
import type { Validation } from "../training/validate-epochs.js";
import { backendOption, jsonOption, seedOption, wholeNumber, workersOption } from "./options.js";

interface TrainFlags {
  readonly data: string;
  readonly config: string;
  readonly out: string;
  readonly split: string;
  readonly seed: number;
  readonly backend: BackendName;
  readonly entropyLoss: boolean;
  readonly augmentation: boolean;
  readonly resume: boolean;
  readonly workers: number;
  readonly cache?: string;
  readonly validateEvery: number;
  readonly validateSplit: string;
  readonly json: boolean;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly imageWeights?: string;
}

const HELP = `
Examples:
  eloss train --data KITTI --config second-mini --entropy-loss --seed 0 --out runs/with
  eloss train --data KITTI --config second-mini --seed 0 --out runs/without
  eloss train --data KITTI --config second-mini --entropy-loss --seed 0 --out runs/with --resume

The run folder holds config.yaml (resolved), run.json, metrics.jsonl (a line per step: losses, entropy of every layer,
its changes, L1, L2, learning rate, seconds, how many of them it waited for data, memory) and checkpoint.safetensors.
Ctrl-C finishes the step, writes the checkpoint and ends with status 130; the same command with --resume goes on from
there, bit for bit. Entropies are measured with and without --entropy-loss; the flag decides whether they are trained
on.`;

export function trainCommand(): Command {
  return new Command("train")
    .description("train a detector on a KITTI folder, with or without the Entropy Loss")
    .requiredOption("--data <dir>", "KITTI root, with training/velodyne or velodyne in it")
    .requiredOption("--config <name|file>", `${builtinConfigNames.join(", ")}, or a YAML file like theirs`)
    .option("--out <dir>", "run folder to make (default: runs/<config>[-eloss]-seed<n>)")
    .option("--split <list>", "frames: a name in ImageSets, a .txt file of ids, ids with commas, or all", "train")
    .option("--entropy-loss", "add the Entropy Loss to the training loss", false)
    .option("--no-augmentation", "take every scan as it is, whatever the configuration says")
    .option("--epochs <n>", "passes over the frames (default: the configuration's)", wholeNumber(1))
    .option("--batch-size <n>", "frames per step (default: the configuration's)", wholeNumber(1))
    .option(
      "--image-weights <file>",
      "safetensors file with torchvision's ResNet-18, for a configuration with a camera",
    )
    .addOption(workersOption())
    .option("--cache <dir>", "folder of the data's index, as eloss prepare had it (default: .eloss in the data)")
    .option(
      "--validate-every <n>",
      "evaluate after every n epochs and the last, into validation.jsonl; 0: never",
      wholeNumber(0),
      0,
    )
    .option("--validate-split <list>", "frames to evaluate then, as in --split", "val")
    .option("--resume", "go on from the checkpoint in --out", false)
    .addOption(seedOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (flags: TrainFlags) => {
      process.exitCode = await train(flags);
    });
}

async function train(flags: TrainFlags): Promise<number> {
  const config = resolveConfig(flags);
  const asked = resolveSplit(flags.data, flags.split);
  const { frames, indexFolder, faults } = await openData(config, asked, flags);
  for (const fault of faults) process.stderr.write(`left out, frame ${fault}\n`);
  const settings: RunSettings = {
    data: flags.data,
    split: flags.split,
    frames,
    seed: flags.seed,
    epochs: config.training.epochs,
    batchSize: config.training.batchSize,
    entropyLoss: flags.entropyLoss,
    augmentation: config.augmentation !== undefined,
    ...(flags.imageWeights !== undefined && { imageWeights: flags.imageWeights }),
  };
  const given = flags.imageWeights === undefined ? undefined : readImageWeights(flags.imageWeights, config);
  const backend = await startBackend(flags.backend);
  const out = flags.out ?? `runs/${config.name}${flags.entropyLoss ? "-eloss" : ""}-seed${flags.seed}`;
  const run = openRun(out, { flags, config, settings, backend });
  announce(run, settings, backend);
  announceImageWeights(config, settings);

  const stop = listenForStop("stopping after this step; the checkpoint will be of it (Ctrl-C again: end at once)");
  let outcome: TrainingOutcome;
  try {
    const { resume, workers } = flags;
    const validation = validationOf(flags);
    outcome = await trainRun({ run, config, settings, resume, workers, validation, indexFolder, given, stop });
  } finally {
    stop.release();
  }
  report(run, outcome, flags);
  return outcome.interrupted ? 130 : 0;
}

/** What training pastes comes from the index, which is made where there is none; without sampling none is needed, but used. */
async function openData(config: DetectorConfig, frames: readonly string[], { data, cache }: TrainFlags) {
  const needed = config.augmentation?.sampling !== undefined;
  if (!needed && !existsSync(indexPath(preparedFolder(data, cache))))
    return { frames, indexFolder: undefined, faults: [] };
  return openTrainingData(data, frames, { cache });
}

function validationOf({ data, validateEvery, validateSplit }: TrainFlags): Validation | undefined {
  if (validateEvery === 0) return undefined;
  return { every: validateEvery, split: validateSplit, frames: resolveSplit(data, validateSplit) };
}

/** The configuration with the command line's changes. */
function resolveConfig(flags: TrainFlags): DetectorConfig {
  const config = openConfig(flags.config);
  const unknown = config.classes.find(({ name }) => !KITTI_CLASSES.includes(name));
  if (unknown !== undefined) {
    throw new Error(
      `--config ${flags.config}: expected classes that KITTI labels (${KITTI_CLASSES.join(", ")}), got ${unknown.name}`,
    );
  }
  const { epochs = config.training.epochs, batchSize = config.training.batchSize } = flags;
  const { augmentation, ...rest } = config;
  const training = { ...config.training, epochs, batchSize };
  return { ...rest, training, ...(flags.augmentation && augmentation && { augmentation }) };
}

interface NewRun {
  readonly flags: TrainFlags;
  readonly config: DetectorConfig;
  readonly settings: RunSettings;
  readonly backend: BackendReport;
}

function openRun(path: string, { flags, config, settings, backend }: NewRun): RunFolder {
  if (flags.resume) {
    const run = openRunFolder(path);
    requireSameSettings(run, settings);
    if (!existsSync(run.checkpoint)) {
      throw new Error(`--resume ${path}: the run has no checkpoint yet; start it again in a new folder`);
    }
    return run;
  }
  const run = createRunFolder(path);
  writeFileAtomic(run.config, stringify(config));
  writeSettings(run, settings, backend);
  return run;
}

function announce(run: RunFolder, settings: RunSettings, backend: BackendReport): void {
  const loss = settings.entropyLoss ? "with the Entropy Loss" : "without the Entropy Loss";
  process.stderr.write(`backend ${backend.description}\n`);
  for (const note of backend.notes) process.stderr.write(`  ${note}\n`);
  process.stderr.write(`${settings.frames.length} frames, ${settings.epochs} epochs, ${loss}, into ${run.path}\n`);
}

/** Says what the image's network begins with, as part of it will never change. */
function announceImageWeights({ camera }: DetectorConfig, { imageWeights }: RunSettings): void {
  if (camera === undefined) return;
  const { frozenStages } = camera.resnet;
  const filters = frozenStages === 0 ? "" : ` and the filters up to stage ${frozenStages}`;
  process.stderr.write(
    imageWeights === undefined
      ? `the image's ResNet-18 begins with random numbers, and its norms${filters} keep them: no --image-weights\n`
      : `the image's ResNet-18 begins with ${imageWeights}\n`,
  );
}

function report(run: RunFolder, outcome: TrainingOutcome, { json, data }: TrainFlags): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ run: run.path, ...outcome }, null, 2)}\n`);
    return;
  }
  const { step, totalSteps, interrupted, firstEpochLoss, lastEpochLoss, peakResidentBytes } = outcome;
  if (interrupted) {
    process.stdout.write(`stopped after step ${step} of ${totalSteps}; the same command with --resume goes on\n`);
    return;
  }
  process.stdout.write(
    `${step} steps; mean loss of an epoch from ${firstEpochLoss.toFixed(4)} to ${lastEpochLoss.toFixed(4)}; ` +
      `at most ${(peakResidentBytes / 2 ** 30).toFixed(2)} GiB of memory\n` +
      `next: eloss eval --run ${run.path} --data ${data}\n`,
  );
}
