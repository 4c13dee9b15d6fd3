import { printable } from "checked-text";
import { Command } from "commander";
import type { Communicator } from "mpi-collectives";
import type { BackendName, Precision } from "open-backend";
import { type DetectorConfig, estimateStepMemory } from "second-detector";
import type { DataSource } from "../frames/data-source.js";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { readImageWeights } from "../inference/read-public-weights.js";
import { openTrainingDataUntil } from "../prepare/training-data.js";
import { builtinRecipeNames } from "../recipe/builtin-recipes.js";
import { openRecipe } from "../recipe/open-recipe.js";
import type { Recipe } from "../recipe/recipe-schema.js";
import { openRunFolder } from "../runs/run-folder.js";
import type { RunRequest } from "../runs/run-request.js";
import { counted } from "../system/counted.js";
import { printResult } from "../system/print-result.js";
import { rankByRank, withRanks } from "../system/ranks.js";
import { startBackend } from "../system/start-backend.js";
import { listenForStop, type StopSignal } from "../system/stop-signal.js";
import { type InitialWeights, initialWeights, readTrainedWeights } from "../training/initial-weights.js";
import { type TrainingOutcome, trainRun } from "../training/train-run.js";
import type { Validation } from "../training/validate-epochs.js";
import {
  backendOption,
  dataOption,
  initWeightsOption,
  jsonOption,
  MOST,
  precisionOption,
  seedOption,
  setOption,
  splitOption,
  strictOption,
  wholeNumber,
  workersOption,
} from "./options.js";
import { shellWord } from "./shell-word.js";

interface TrainFlags {
  readonly data: string;
  readonly config: string;
  readonly set: readonly string[];
  readonly out: string;
  readonly split: string;
  readonly seed: number;
  readonly backend: BackendName;
  readonly precision?: Precision;
  readonly entropyLoss: boolean;
  readonly augmentation: boolean;
  readonly resume: boolean;
  readonly checkpointEvery: number;
  readonly workers: number;
  readonly cache?: string;
  readonly validateEvery: number;
  readonly validateSplit: string;
  readonly tensorboard: boolean;
  readonly strict: boolean;
  readonly json: boolean;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly shards?: number;
  readonly imageWeights?: string;
  readonly initWeights?: string;
}

const HELP = `
Examples:
  eloss train --data KITTI --config second-mini --entropy-loss --seed 0 --out runs/with
  eloss train --data KITTI --config second-mini --seed 0 --out runs/without
  eloss train --data KITTI --config second-mini --epochs 40 --seed 1 --init-weights runs/with --out runs/longer

The run folder holds config.yaml (the recipe, resolved), run.json, metrics.jsonl (a line per step: losses, entropy of every layer,
its changes, L1, L2, learning rate, seconds, how many of them it waited for data, memory) and checkpoint.safetensors.
--tensorboard writes events.tfevents, too: the same and more for TensorBoard. A checkpoint is written at the end of every epoch, every --checkpoint-every minutes, and when anything ends the run: Ctrl-C
(SIGTERM, SIGHUP, SIGUSR1) finishes the step and ends with status 130, an error with 1; run.json says why. The same command goes
on from there, bit for bit, also after a crash. One process at a time works in a run folder. Entropies are measured with and
without --entropy-loss; the flag decides whether they are trained on.

--init-weights begins a new run with a trained detector: to fine-tune it for other data or classes, or to train longer. Step 0, fresh
moments and the whole one-cycle schedule anew over the epochs of this run; another --seed gives other orders and augmentations.

A frame whose files are at fault is named and left out, to learn from and to validate on; with --strict it ends the command.

Exit status: 0 done, 1 done without some frames (or an error), 130 stopped.`;

export function trainCommand(): Command {
  return new Command("train")
    .description("train a detector on a KITTI folder, with or without the Entropy Loss")
    .addOption(dataOption())
    .requiredOption("--config <name|file>", `recipe: ${builtinRecipeNames.join(", ")}, or a YAML file like theirs`)
    .addOption(setOption())
    .option("--out <dir>", "run folder to make (default: runs/<config>[-eloss]-seed<n>)")
    .addOption(splitOption("train"))
    .option("--entropy-loss", "add the Entropy Loss to the training loss", false)
    .option("--no-augmentation", "take every scan as it is, whatever the recipe says")
    .option("--epochs <n>", "passes over the frames (default: the recipe's)", wholeNumber(1, MOST.epochs))
    .option("--batch-size <n>", "frames per step (default: the recipe's)", wholeNumber(1, MOST.framesPerStep))
    .option(
      "--shards <n>",
      "parts of a step's frames, each with its own batch norm, which ranks of mpirun or srun share out",
      wholeNumber(1, MOST.framesPerStep),
    )
    .option(
      "--image-weights <file>",
      "file with torchvision's ResNet-18 (safetensors or .pth), for a detector with a camera",
    )
    .addOption(initWeightsOption().conflicts("imageWeights"))
    .addOption(workersOption())
    .option("--cache <dir>", "folder of the data's index, as eloss prepare had it (default: .eloss in the data)")
    .option(
      "--validate-every <n>",
      "evaluate after every n epochs and the last, into validation.jsonl; 0: never",
      wholeNumber(0, MOST.epochs),
      0,
    )
    .option("--validate-split <list>", "frames to evaluate then, as in --split", "val")
    .option(
      "--tensorboard",
      "write events.tfevents into the run folder, too: `tensorboard --logdir` on it, or on a folder of runs, shows it",
      false,
    )
    .option(
      "--checkpoint-every <minutes>",
      "most minutes of training that a crash may cost; the end of an epoch is kept anyway; 0: none, after every step",
      wholeNumber(0, MOST.epochs),
      10,
    )
    .option(
      "--resume",
      "insist that --out holds the run already, to go on with; without it, it is begun where there is none",
      false,
    )
    .addOption(strictOption())
    .addOption(seedOption())
    .addOption(backendOption())
    .addOption(precisionOption("the recipe's"))
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (flags: TrainFlags) => {
      const stop = listenForStop("stopping after this step; the checkpoint will be of it (Ctrl-C again: end at once)");
      try {
        process.exitCode = await withRanks((comm) => train(flags, stop, comm));
      } finally {
        stop.release();
      }
    });
}

async function train(flags: TrainFlags, stop: StopSignal, comm: Communicator | undefined): Promise<number> {
  const recipe = resolveRecipe(flags);
  checkShards(recipe, comm);
  const data = openDataSource(flags.data, { reading: recipe.data });
  const { split, seed, entropyLoss, imageWeights, initWeights } = flags;
  const validation = validationOf(data, flags);
  const asked = resolveSplit(data, split);
  const prepared = await rankByRank(comm, () =>
    openTrainingDataUntil(stop, data, {
      frames: asked,
      cache: flags.cache,
      strict: flags.strict,
      camera: recipe.detector.camera !== undefined,
    }),
  );
  if (prepared === undefined) {
    process.stderr.write("stopped; the same command goes on\n");
    return 130;
  }
  const { frames, indexFolder, leftOut } = prepared;
  checkClasses(recipe, prepared.objects, flags.data);
  const trained = initWeights === undefined ? undefined : readTrainedWeights(initWeights);
  const settings = {
    data: flags.data,
    split,
    frames,
    seed,
    entropyLoss,
    ...(imageWeights !== undefined && { imageWeights }),
    ...(trained && { initialWeights: { path: trained.path, sha256: trained.sha256 } }),
  };
  const request: RunRequest = { settings, recipe };
  const image = imageWeights === undefined ? undefined : readImageWeights(imageWeights, recipe.detector);
  const backend = await startBackend(flags.backend, recipe.precision);
  const initial = trained && (await initialWeights(trained, recipe.detector, seed));
  const folder = flags.out ?? `runs/${recipe.name}${entropyLoss ? "-eloss" : ""}-seed${seed}`;
  if (flags.resume) openRunFolder(folder);
  const first = comm === undefined || comm.rank === 0;
  if (first) {
    announce(folder, request);
    if (initial === undefined) announceImageWeights(recipe.detector, imageWeights);
    else announceInitialWeights(initial, trained!.path);
  }

  const { workers, tensorboard } = flags;
  const checkpointEvery = 60_000 * flags.checkpointEvery;
  const options = { workers, checkpointEvery, validation, indexFolder, tensorboard, comm, stop };
  const job = { ...request, ...options, folder, backend, initialWeights: initial?.weights ?? image };
  const outcome = await trainRun(job);
  if (first) report(folder, outcome, flags, initial);
  if (outcome.interrupted) return 130;
  const without = leftOut.length + outcome.leftOut.length;
  if (without > 0) process.stderr.write(`${counted(without, "frame is", "frames are")} left out, as said above\n`);
  return without > 0 ? 1 : 0;
}

function validationOf(data: DataSource, { validateEvery, validateSplit, strict }: TrainFlags): Validation | undefined {
  if (validateEvery === 0) return undefined;
  return { every: validateEvery, split: validateSplit, frames: resolveSplit(data, validateSplit), strict };
}

/** The recipe with the command line's changes. */
function resolveRecipe(flags: TrainFlags): Recipe {
  const recipe = openRecipe(flags.config, "--config", flags.set);
  const { epochs = recipe.training.epochs, batchSize = recipe.training.batchSize, shards } = flags;
  const { augmentation, precision: usual, ...rest } = recipe;
  const { precision = usual } = flags;
  const training = { ...recipe.training, epochs, batchSize, ...(shards !== undefined && { shards }) };
  return {
    ...rest,
    training,
    ...(flags.augmentation && augmentation && { augmentation }),
    ...(precision === "bf16" && { precision }), // what is float32 is a run of the recipe without the key
  };
}

/** @throws Error if ranks have nothing to share out */
function checkShards({ training: { shards, batchSize } }: Recipe, comm: Communicator | undefined): void {
  if (comm === undefined || comm.size === 1) return;
  const parts = Math.min(shards ?? 1, batchSize);
  if (parts >= comm.size) return;
  throw new Error(
    `--shards ${shards ?? 1} of ${counted(batchSize, "frame")}: expected a shard for each of ${comm.size} ranks; ` +
      "their number is part of the run, whatever ranks it has",
  );
}

/** @throws Error if none of the detector's classes is labelled; says so of each that is not */
function checkClasses({ detector }: Recipe, objects: Readonly<Record<string, number>>, data: string): void {
  const labelled = new Set(Object.keys(objects).map((name) => name.toLowerCase()));
  const absent = detector.classes.map(({ name }) => name).filter((name) => !labelled.has(name.toLowerCase()));
  if (absent.length === 0) return;
  const found = Object.entries(objects).map(([name, count]) => `${count} ${name}`);
  const there = found.length === 0 ? "no objects" : found.join(", ");
  const advice = "`classes: { LABEL: CLASS }` in the recipe's `data` maps names";
  if (absent.length === detector.classes.length) {
    throw new Error(`--data ${data}: expected objects of ${absent.join(", ")}, found ${there}; ${advice}`);
  }
  process.stderr.write(printable(`no object of ${absent.join(", ")} to learn from, found ${there} (${advice})\n`));
}

function announce(folder: string, { settings, recipe }: RunRequest): void {
  const loss = settings.entropyLoss ? "with the Entropy Loss" : "without the Entropy Loss";
  const { epochs, batchSize, repeats = 1 } = recipe.training;
  const gigabytes = (estimateStepMemory(recipe.detector, { batchSize }) / 2 ** 30).toFixed(1);
  process.stderr.write(
    `${counted(settings.frames.length, "frame")}, ${counted(epochs, "epoch")}${repeats > 1 ? ` of ${repeats} times each` : ""}, ${loss}, into ${folder}; ` +
      `weights and maps of a step of ${counted(batchSize, "frame")} take up to about ${gigabytes} GiB\n`,
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

function announceInitialWeights({ weights, taken, leftOut }: InitialWeights, path: string): void {
  process.stderr.write(`begins with ${taken} of ${weights.size} tensors of ${path}\n`);
  for (const line of leftOut) process.stderr.write(`${printable(line)}\n`);
}

function report(run: string, outcome: TrainingOutcome, { json, data }: TrainFlags, initial?: InitialWeights): void {
  const { stepBefore, ...told } = outcome;
  const { step, totalSteps, interrupted, firstEpochLoss = 0, lastEpochLoss = 0, peakResidentBytes } = outcome;
  if (stepBefore === totalSteps) {
    const longer = `train longer with --init-weights ${shellWord(run)} and another --out`;
    process.stderr.write(`finished: ${step} of ${totalSteps} steps; ${longer}\n`);
  }
  const text = interrupted
    ? `stopped after step ${step} of ${totalSteps}; the same command goes on`
    : `${counted(step, "step")}; mean loss of an epoch from ${firstEpochLoss.toFixed(4)} to ${lastEpochLoss.toFixed(4)}; ` +
      `at most ${(peakResidentBytes / 2 ** 30).toFixed(2)} GiB of memory\n` +
      `next: eloss eval --run ${shellWord(run)} --data ${shellWord(data)}`;
  printResult(json, { run, ...told, ...(initial && { initialTensors: initial.taken }) }, text);
}
