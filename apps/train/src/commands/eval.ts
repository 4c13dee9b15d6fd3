import { printable } from "checked-text";
import { Command } from "commander";
import { formatEvaluation, renderTables } from "kitti-eval";
import type { BackendName, Precision } from "open-backend";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { encodeRunEvaluation, evaluateTrained, type RunEvaluation } from "../inference/evaluate-run.js";
import { describeCheckpoint } from "../inference/open-detector.js";
import { readRecipe } from "../recipe/open-recipe.js";
import { openRunFolder } from "../runs/run-folder.js";
import { counted } from "../system/counted.js";
import { startBackend } from "../system/start-backend.js";
import { listenForStop, type StopSignal } from "../system/stop-signal.js";
import type { WeightsKind } from "../training/checkpoint.js";
import {
  backendOption,
  dataOption,
  jsonOption,
  precisionOption,
  seedOption,
  shareBelowOne,
  splitOption,
  strictOption,
  weightsOption,
} from "./options.js";

interface EvalFlags {
  readonly run: string;
  readonly data: string;
  readonly split: string;
  readonly weights?: WeightsKind;
  readonly backend: BackendName;
  readonly precision?: Precision;
  readonly strict: boolean;
  readonly json: boolean;
  readonly overlap?: number;
}

const HELP = `
Example:
  eloss eval --run runs/with --data KITTI --split val

Prints average precision by KITTI's official rules: R40 and R11, strict and loose overlaps, easy, moderate and hard. Behind
each stands what a perfect detector would get on the same frames: the official curve has a point for every fortieth of the
objects, so with fewer than 40 objects even perfection stays far below 100. Sentences say why cells are empty or zero.
Beneath, for every class of the configuration, also those that KITTI's metrics do not know: average precision of all
objects with a point that the detector is shown, by distance and by number of points; recall, precision, false detections
per frame, errors of matched boxes, and what was taken for what. Data without a camera or KITTI's labels have these alone.

Writes RUN/eval.json and RUN/predictions/SPLIT/ID.txt in KITTI's format; without a camera a line for each box:
  x y z dx dy dz yaw CLASS score      (LiDAR frame, centre of the box, metres, radians)
A frame whose files are at fault is named and left out; with --strict it ends the command. What is found is written frame by frame, into
RUN/predictions/SPLIT.part until all are done: killed or interrupted, the same command goes on.

Exit status: 0 all frames done, 1 some left out (or an error), 130 interrupted.`;

export function evalCommand(): Command {
  return new Command("eval")
    .description("evaluate a trained run: the official KITTI metrics, and tables for any data and classes")
    .requiredOption("--run <dir>", "run folder that `eloss train` made")
    .addOption(dataOption())
    .addOption(splitOption("val"))
    .addOption(weightsOption())
    .option(
      "--overlap <share>",
      "that a match needs in the tables of all classes (default: by its size)",
      shareBelowOne,
    )
    .addOption(seedOption("accepted for scripts that give it to all; nothing is random here"))
    .addOption(strictOption())
    .addOption(backendOption())
    .addOption(precisionOption("the run's"))
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (flags: EvalFlags) => {
      const stop = listenForStop("stopping after this frame (Ctrl-C again: end at once)");
      try {
        process.exitCode = await evaluate(flags, stop);
      } finally {
        stop.release();
      }
    });
}

async function evaluate(
  { run: folder, data: root, split, weights, backend, precision, overlap, strict, json }: EvalFlags,
  stop: StopSignal,
): Promise<number> {
  const run = openRunFolder(folder);
  const recipe = readRecipe(run.config);
  const data = openDataSource(root, { reading: recipe.data });
  const frames = resolveSplit(data, split);
  const used = await startBackend(backend, precision ?? recipe.precision);
  const evaluation = await evaluateTrained(run, {
    data,
    split,
    frames,
    weights,
    precision: used.precision,
    overlap,
    stop,
    strict,
  });
  if (evaluation === undefined) {
    process.stderr.write("stopped; the same command goes on, and what an earlier evaluation wrote is still there\n");
    return 130;
  }
  const { leftOut, doubts } = evaluation;
  for (const line of doubts) process.stderr.write(`${printable(line)}\n`);
  process.stdout.write(`${json ? encodeRunEvaluation(evaluation) : printable(evaluationText(evaluation))}\n`);
  if (leftOut.length === 0) return 0;
  process.stderr.write(`${leftOut.length} of ${counted(frames.length, "frame")} left out, as said above\n`);
  return 1;
}

/** What people read: the official table, why cells of it are empty, the tables of all classes. */
function evaluationText({ split, step, weights: kind, official, reasons, tables, predictions }: RunEvaluation): string {
  const [first, ...rest] = official
    ? [formatEvaluation(official.result, { ceiling: official.ceiling }), renderTables(tables)]
    : [renderTables(tables)];
  return [
    `${split}, ${describeCheckpoint({ step, kind })}: ${first}`,
    ...(reasons.length === 0 ? [] : [["Remarks:", ...reasons.map((reason) => `  ${reason}`)].join("\n")]),
    ...rest,
    `detections in ${predictions}`,
  ].join("\n\n");
}
