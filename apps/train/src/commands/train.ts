import { existsSync } from "node:fs";
import { Command } from "commander";
import { KITTI_CLASSES } from "kitti-io";
import type { BackendName } from "open-backend";
import type { DetectorConfig } from "second-detector";
import type { DataSource } from "../frames/data-source.js";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { readImageWeights } from "../inference/read-public-weights.js";
import { indexFolderOf, indexPath } from "../prepare/index-file.js";
import { openTrainingData } from "../prepare/training-data.js";
import { builtinRecipeNames } from "../recipe/builtin-recipes.js";
import { openRecipe } from "../recipe/open-recipe.js";
import type { Recipe } from "../recipe/recipe-schema.js";
import type { RunFolder } from "../runs/run-folder.js";
import { openSameRun, type RunRequest, startRun } from "../runs/run-request.js";
import { printResult } from "../system/print-result.js";
import { startBackend } from "../system/start-backend.js";
import { listenForStop } from "../system/stop-signal.js";
import { type TrainingOutcome, trainRun } from "../training/train-run.js";
import type { Validation } from "../training/validate-epochs.js";
import {
  backendOption,
  dataOption,
  jsonOption,
  seedOption,
  splitOption,
  wholeNumber,
  workersOption,
} from "./options.js";

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

The run folder holds config.yaml (the recipe, resolved), run.json, metrics.jsonl (a line per step: losses, entropy of every layer,
its changes, L1, L2, learning rate, seconds, how many of them it waited for data, memory) and checkpoint.safetensors.
Ctrl-C (SIGTERM, SIGHUP, SIGUSR1) finishes the step, writes the checkpoint and ends with status 130; the same command with --resume goes on from
there, bit for bit. Entropies are measured with and without --entropy-loss; the flag decides whether they are trained
on.`;

export function trainCommand(): Command {
  return new Command("train")
    .description("train a detector on a KITTI folder, with or without the Entropy Loss")
    .addOption(dataOption())
    .requiredOption("--config <name|file>", `recipe: ${builtinRecipeNames.join(", ")}, or a YAML file like theirs`)
    .option("--out <dir>", "run folder to make (default: runs/<config>[-eloss]-seed<n>)")
    .addOption(splitOption("train"))
    .option("--entropy-loss", "add the Entropy Loss to the training loss", false)
    .option("--no-augmentation", "take every scan as it is, whatever the recipe says")
    .option("--epochs <n>", "passes over the frames (default: the recipe's)", wholeNumber(1))
    .option("--batch-size <n>", "frames per step (default: the recipe's)", wholeNumber(1))
    .option("--image-weights <file>", "safetensors file with torchvision's ResNet-18, for a detector with a camera")
    .addOption(workersOption())
    .option("--cache <dir>", "folder of the data's index, as eloss prepare had it (default: .eloss in the data)")
    .option(
      "--validate-every <n>",
      "evaluate after every n epochs and the last, into validation.jsonl; 0: never",
      wholeNumber(0),
      0,
    )
    .option("--validate-split <list>", "frames to evaluate then, as in --split", "val")
    .option("--resume", "go on with the run in --out, from its checkpoint if there is one", false)
    .addOption(seedOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (flags: TrainFlags) => {
      process.exitCode = await train(flags);
    });
}

async function train(flags: TrainFlags): Promise<number> {
  const recipe = resolveRecipe(flags);
  const data = openDataSource(flags.data);
  const asked = resolveSplit(data, flags.split);
  const { frames, indexFolder, faults } = await usableFrames(recipe, asked, { data, cache: flags.cache });
  for (const fault of faults) process.stderr.write(`left out, frame ${fault}\n`);
  const { split, seed, entropyLoss, imageWeights } = flags;
  const settings = {
    data: flags.data,
    split,
    frames,
    seed,
    entropyLoss,
    ...(imageWeights !== undefined && { imageWeights }),
  };
  const request: RunRequest = { settings, recipe };
  const initialWeights = imageWeights === undefined ? undefined : readImageWeights(imageWeights, recipe.detector);
  const backend = await startBackend(flags.backend);
  const out = flags.out ?? `runs/${recipe.name}${entropyLoss ? "-eloss" : ""}-seed${seed}`;
  const run = flags.resume ? resumedRun(out, request) : startRun(out, request, backend);
  announce(run, request);
  announceImageWeights(recipe.detector, imageWeights);

  const stop = listenForStop("stopping after this step; the checkpoint will be of it (Ctrl-C again: end at once)");
  let outcome: TrainingOutcome;
  try {
    const { resume, workers } = flags;
    const validation = validationOf(data, flags);
    outcome = await trainRun({ run, ...request, resume, workers, validation, indexFolder, initialWeights, stop });
  } finally {
    stop.release();
  }
  report(run, outcome, flags);
  return outcome.interrupted ? 130 : 0;
}

/** What training pastes comes from the index, which is made where there is none; without sampling none is needed, but used. */
async function usableFrames(
  recipe: Recipe,
  frames: readonly string[],
  { data, cache }: { readonly data: DataSource; readonly cache: string | undefined },
) {
  const needed = recipe.augmentation?.sampling !== undefined;
  if (!needed && !existsSync(indexPath(indexFolderOf(data.root, cache))))
    return { frames, indexFolder: undefined, faults: [] };
  return openTrainingData(data, frames, { cache });
}

function validationOf(data: DataSource, { validateEvery, validateSplit }: TrainFlags): Validation | undefined {
  if (validateEvery === 0) return undefined;
  return { every: validateEvery, split: validateSplit, frames: resolveSplit(data, validateSplit) };
}

/** The recipe with the command line's changes. */
function resolveRecipe(flags: TrainFlags): Recipe {
  const recipe = openRecipe(flags.config);
  const unknown = recipe.detector.classes.find(({ name }) => !KITTI_CLASSES.includes(name));
  if (unknown !== undefined) {
    throw new Error(
      `--config ${flags.config}: expected classes that KITTI labels (${KITTI_CLASSES.join(", ")}), got ${unknown.name}`,
    );
  }
  const { epochs = recipe.training.epochs, batchSize = recipe.training.batchSize } = flags;
  const { augmentation, ...rest } = recipe;
  const training = { ...recipe.training, epochs, batchSize };
  return { ...rest, training, ...(flags.augmentation && augmentation && { augmentation }) };
}

function resumedRun(path: string, request: RunRequest): RunFolder {
  return openSameRun(path, request, "give the recipe and options of that run, or start a new one without --resume");
}

function announce(run: RunFolder, { settings, recipe }: RunRequest): void {
  const loss = settings.entropyLoss ? "with the Entropy Loss" : "without the Entropy Loss";
  process.stderr.write(
    `${settings.frames.length} frames, ${recipe.training.epochs} epochs, ${loss}, into ${run.path}\n`,
  );
}

/** Says what the image's network begins with, as part of it will never change. */
function announceImageWeights({ camera }: DetectorConfig, imageWeights: string | undefined): void {
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
  const { step, totalSteps, interrupted, firstEpochLoss, lastEpochLoss, peakResidentBytes } = outcome;
  const text = interrupted
    ? `stopped after step ${step} of ${totalSteps}; the same command with --resume goes on`
    : `${step} steps; mean loss of an epoch from ${firstEpochLoss.toFixed(4)} to ${lastEpochLoss.toFixed(4)}; ` +
      `at most ${(peakResidentBytes / 2 ** 30).toFixed(2)} GiB of memory\n` +
      `next: eloss eval --run ${run.path} --data ${data}`;
  printResult(json, { run: run.path, ...outcome }, text);
}
