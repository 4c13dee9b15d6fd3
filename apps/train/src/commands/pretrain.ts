import { join } from "node:path";
import { Command, Option } from "commander";
import type { Panes } from "kitti-sim";
import type { BackendName } from "open-backend";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { simulateStreets } from "../frames/simulate-streets.js";
import { formatAverages } from "../inference/moderate-averages.js";
import { type PretrainedView, pretrainingRecipe } from "../pretrain/pretraining-recipe.js";
import { publishRun } from "../pretrain/publish-run.js";
import { builtinRecipe, builtinRecipeNames, isBuiltinRecipeName } from "../recipe/builtin-recipes.js";
import { runFolder } from "../runs/run-folder.js";
import { WrongUse } from "../system/command-error.js";
import { printResult } from "../system/print-result.js";
import { startBackend } from "../system/start-backend.js";
import { listenForStop, type StopSignal } from "../system/stop-signal.js";
import { initialWeights, readTrainedWeights } from "../training/initial-weights.js";
import { trainAndEvaluate } from "../training/train-and-evaluate.js";
import {
  backendOption,
  initWeightsOption,
  jsonOption,
  MOST,
  seedOption,
  shareBelowOne,
  wholeNumber,
  workersOption,
} from "./options.js";

interface PretrainFlags {
  readonly config: string;
  readonly view: PretrainedView;
  readonly initWeights?: string;
  readonly out: string;
  readonly train: number;
  readonly val: number;
  readonly epochs: number;
  readonly panes: Panes;
  readonly slope?: number;
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
OUT and so the streets. With --view full the streets are scanned all round by sensors of 32 and 64 beams in turn, into
OUT/data-full, and the detector, OUT/NAME-full, finds what stands anywhere within 51 m; with --init-weights
second-small it begins with one that looks ahead (after 1200 steps Car 27.3, where random weights have 0.3).

Examples, detectors of the package:
  eloss pretrain --config second-small --train 1500 --val 50 --epochs 8 --out runs/pretrained
  eloss pretrain --config second-small --view full --init-weights second-small --train 600 --val 40 --epochs 20 --out runs/pretrained`;

export function pretrainCommand(): Command {
  return new Command("pretrain")
    .description("train a detector on simulated streets and write it as one file to publish")
    .requiredOption(
      "--config <name>",
      `recipe: ${builtinRecipeNames.filter((name) => name.endsWith("-small")).join(", ")}, …`,
    )
    .requiredOption("--out <dir>", "folder for the streets, the run and the file")
    .addOption(
      new Option("--view <part>", "what a camera sees, or all that is round the sensor")
        .choices(["camera", "full"])
        .default("camera"),
    )
    .addOption(initWeightsOption())
    .option("--train <n>", "frames to train on", wholeNumber(1, MOST.frames / 2), 1500)
    .option("--val <n>", "frames to evaluate on", wholeNumber(3, MOST.frames / 2), 200)
    .option("--epochs <n>", "passes over the frames", wholeNumber(1, MOST.epochs), 10)
    .addOption(
      new Option("--panes <kind>", "of the streets' cars and houses: clear, or tinted as real ones are")
        .choices(["clear", "tinted"])
        .default("clear"),
    )
    .option(
      "--slope <deviation>",
      "incline scans, with this standard deviation in metres a metre: for roads that rise and fall (default: none)",
      shareBelowOne,
    )
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

async function pretrain(flags: PretrainFlags, stop: StopSignal): Promise<number> {
  const {
    config: name,
    view,
    initWeights,
    panes,
    slope,
    out,
    train,
    val,
    epochs,
    seed,
    entropyLoss,
    workers,
    json,
  } = flags;
  if (!isBuiltinRecipeName(name)) {
    throw new WrongUse(`--config ${name}: expected one of ${builtinRecipeNames.join(", ")}`);
  }
  const recipe = pretrainingRecipe(builtinRecipe(name), { epochs, view, slope });
  const interrupted = () => {
    printResult(json, { out, interrupted: true }, `stopped; the same command goes on with what is in ${out}`);
    return 130;
  };
  const trained = initWeights === undefined ? undefined : readTrainedWeights(initWeights);
  const backend = await startBackend(flags.backend);
  const initial = trained && (await initialWeights(trained, recipe.detector, seed));
  const data = join(out, view === "full" ? "data-full" : "data");
  if (!(await simulateStreets({ root: data, train, val, seed, view, panes }, stop.signal))) return interrupted();
  const source = openDataSource(data, { reading: recipe.data });
  const framesOf = (split: string) => resolveSplit(source, split);
  const folder = join(
    out,
    [name, ...(view === "full" ? ["full"] : []), ...(entropyLoss ? ["entropy-loss"] : [])].join("-"),
  );
  const evaluation = await trainAndEvaluate({
    folder,
    recipe,
    settings: {
      data,
      split: "train",
      frames: framesOf("train"),
      seed,
      entropyLoss,
      ...(trained && { initialWeights: { path: trained.path, sha256: trained.sha256 } }),
    },
    initialWeights: initial?.weights,
    validation: { every: epochs, split: "val", frames: framesOf("val") },
    backend,
    workers,
    stop,
  });
  if (evaluation === undefined) return interrupted();

  const published = await publishRun(
    { run: runFolder(folder), file: `${folder}.safetensors`, stop },
    { recipe: name, view, initWeights, panes, slope, train, val, epochs, seed, entropyLoss },
    { data: source, frames: framesOf("val") },
  );
  if (published === undefined) return interrupted();
  const { file, card } = published;
  const text = `${file}\non ${val} other streets, 3D AP (R40, moderate): ${formatAverages(card.validation.averages)}`;
  printResult(json, { out, interrupted: false, file, card }, text);
  return 0;
}
