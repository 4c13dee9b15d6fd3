import { join } from "node:path";
import { Command } from "commander";
import type { BackendName } from "open-backend";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { simulateStreets } from "../frames/simulate-streets.js";
import { formatAverages } from "../inference/moderate-averages.js";
import { publishRun } from "../pretrain/publish-run.js";
import { builtinRecipe, builtinRecipeNames, isBuiltinRecipeName } from "../recipe/builtin-recipes.js";
import type { AugmentationConfig } from "../recipe/recipe-schema.js";
import { runFolder } from "../runs/run-folder.js";
import { printResult } from "../system/print-result.js";
import { startBackend } from "../system/start-backend.js";
import { listenForStop, type StopSignal } from "../system/stop-signal.js";
import { trainAndEvaluate } from "../training/train-and-evaluate.js";
import { backendOption, jsonOption, MOST, seedOption, wholeNumber, workersOption } from "./options.js";

interface PretrainFlags {
  readonly config: string;
  readonly out: string;
  readonly train: number;
  readonly val: number;
  readonly epochs: number;
  readonly entropyLoss: boolean;
  readonly seed: number;
  readonly workers: number;
  readonly backend: BackendName;
  readonly json: boolean;
}

const HELP = `
Simulates streets into OUT/data, trains on them into OUT/NAME, evaluates on others, and writes OUT/NAME.safetensors: weights in
float16 with configuration and model card, what the package second-weights holds. Ctrl-C keeps what is done; the same command
goes on from there. The same options give the same file, byte for byte, on processors of one kind. Several detectors may share
OUT and so the streets.

Example, a detector of the package:
  eloss pretrain --config second-small --out runs/pretrained`;

export function pretrainCommand(): Command {
  return new Command("pretrain")
    .description("train a detector on simulated streets and write it as one file to publish")
    .requiredOption(
      "--config <name>",
      `recipe: ${builtinRecipeNames.filter((name) => name.endsWith("-small")).join(", ")}, …`,
    )
    .requiredOption("--out <dir>", "folder for the streets, the run and the file")
    .option("--train <n>", "frames to train on", wholeNumber(1, MOST.frames / 2), 1500)
    .option("--val <n>", "frames to evaluate on", wholeNumber(3, MOST.frames / 2), 200)
    .option("--epochs <n>", "passes over the frames", wholeNumber(1, MOST.epochs), 10)
    .option("--entropy-loss", "train on the Entropy Loss, too", false)
    .addOption(workersOption())
    .addOption(seedOption())
    .addOption(backendOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (flags: PretrainFlags) => {
      const stop = listenForStop("stopping as soon as what is begun is safe (Ctrl-C again: end at once)");
      try {
        process.exitCode = await pretrain(flags, stop);
      } finally {
        stop.release();
      }
    });
}

/**
 * Augmentation for a detector that shall work where it has never been: objects of other sizes than the streets have, and
 * sensors that stand elsewhere. On real frames its cars are measured better for it, on simulated ones no worse.
 */
function forOtherStreets(augmentation: AugmentationConfig = {}): AugmentationConfig {
  const scene = { mirror: 0, rotation: 0, scaling: [1, 1] as const, ...augmentation.scene };
  return { ...augmentation, objectScaling: [0.85, 1.15], scene: { ...scene, translation: 0.2 } };
}

async function pretrain(flags: PretrainFlags, stop: StopSignal): Promise<number> {
  const { config: name, out, train, val, epochs, seed, entropyLoss, workers, json } = flags;
  if (!isBuiltinRecipeName(name)) {
    throw new Error(`--config ${name}: expected one of ${builtinRecipeNames.join(", ")}`);
  }
  const base = builtinRecipe(name);
  const recipe = { ...base, training: { ...base.training, epochs }, augmentation: forOtherStreets(base.augmentation) };
  const interrupted = () => {
    printResult(json, { out, interrupted: true }, `stopped; the same command goes on with what is in ${out}`);
    return 130;
  };
  const backend = await startBackend(flags.backend);
  const data = join(out, "data");
  if (!(await simulateStreets({ root: data, train, val, seed }, stop.signal))) return interrupted();
  const framesOf = (split: string) => resolveSplit(openDataSource(data), split);
  const folder = join(out, entropyLoss ? `${name}-entropy-loss` : name);
  const evaluation = await trainAndEvaluate({
    folder,
    recipe,
    settings: { data, split: "train", frames: framesOf("train"), seed, entropyLoss },
    validation: { every: epochs, split: "val", frames: framesOf("val") },
    backend,
    workers,
    stop,
  });
  if (evaluation === undefined) return interrupted();

  const published = await publishRun(
    { run: runFolder(folder), file: `${folder}.safetensors`, stop },
    { recipe: name, train, val, epochs, seed, entropyLoss },
    { data: openDataSource(data), frames: framesOf("val") },
  );
  if (published === undefined) return interrupted();
  const { file, card } = published;
  const text = `${file}\non ${val} other streets, 3D AP (R40, moderate): ${formatAverages(card.validation.averages)}`;
  printResult(json, { out, interrupted: false, file, card }, text);
  return 0;
}
