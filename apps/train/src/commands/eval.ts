import { Command } from "commander";
import { encodeEvaluation, formatEvaluation, renderTables } from "kitti-eval";
import type { BackendName } from "open-backend";
import type { LeftOut } from "../frames/frame-fault.js";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { evaluateRun, evaluateScanRun, type ScanRunEvaluation } from "../inference/evaluate-run.js";
import { openTrainedDetector } from "../inference/open-detector.js";
import { readRecipe } from "../recipe/open-recipe.js";
import { openRunFolder } from "../runs/run-folder.js";
import { startBackend } from "../system/start-backend.js";
import { listenForStop, type StopSignal } from "../system/stop-signal.js";
import { backendOption, dataOption, jsonOption, seedOption, splitOption } from "./options.js";

interface EvalFlags {
  readonly run: string;
  readonly data: string;
  readonly split: string;
  readonly backend: BackendName;
  readonly json: boolean;
}

const HELP = `
Example:
  eloss eval --run runs/with --data KITTI --split val

Writes RUN/predictions/SPLIT/NNNNNN.txt in KITTI's format and RUN/eval.json, and prints average precision by the
official rules: R40 and R11, strict and loose overlaps, easy, moderate and hard. Behind each stands what a perfect
detector would get on the same frames: the official curve has a point for every fortieth of the objects, so with fewer
than 40 objects even perfection stays far below 100. A frame whose files are at fault is named and left out. What is found is
written frame by frame, into RUN/predictions/SPLIT.part until all are done: killed or interrupted, the same command goes on.

Exit status: 0 all frames done, 1 some left out (or an error), 130 interrupted.`;

export function evalCommand(): Command {
  return new Command("eval")
    .description("evaluate a trained run with the official KITTI metrics")
    .requiredOption("--run <dir>", "run folder that `eloss train` made")
    .addOption(dataOption())
    .addOption(splitOption("val"))
    .addOption(seedOption("accepted for scripts that give it to all; nothing is random here"))
    .addOption(backendOption())
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
  { run: folder, data: root, split, backend, json }: EvalFlags,
  stop: StopSignal,
): Promise<number> {
  const run = openRunFolder(folder);
  const data = openDataSource(root, { reading: readRecipe(run.config).data });
  const frames = resolveSplit(data, split);
  await startBackend(backend);
  const { detector, step } = openTrainedDetector(run);
  const job = { data, split, frames, step, stop };
  if (!data.isKitti) return scansEvaluated(await evaluateScanRun(run, detector, job), { json, asked: frames.length });
  const evaluation = await evaluateRun(run, detector, job);
  if (evaluation === undefined) return stopped();
  const { result, ...rest } = evaluation;
  const { ceiling, leftOut } = rest;
  const text = json
    ? encodeEvaluation({ ...rest, ...result })
    : `${split}, checkpoint of step ${step}: ${formatEvaluation(result, { ceiling })}\n\ndetections in ${rest.predictions}`;
  process.stdout.write(`${text}\n`);
  return statusOf(leftOut, frames.length);
}

/** Scans without a camera: the official metrics cannot judge them. */
function scansEvaluated(
  evaluation: ScanRunEvaluation | undefined,
  { json, asked }: { readonly json: boolean; readonly asked: number },
): number {
  if (evaluation === undefined) return stopped();
  const { result, ...rest } = evaluation;
  const heading = `${rest.split}, checkpoint of step ${rest.step}: boxes in space, as there is no camera`;
  const text = json
    ? JSON.stringify({ ...rest, ...result }, null, 2)
    : `${heading}\n\n${renderTables(result)}\n\ndetections in ${rest.predictions}`;
  process.stdout.write(`${text}\n`);
  return statusOf(rest.leftOut, asked);
}

function stopped(): number {
  process.stderr.write("stopped; the same command goes on, and what an earlier evaluation wrote is still there\n");
  return 130;
}

function statusOf(leftOut: readonly LeftOut[], asked: number): number {
  if (leftOut.length === 0) return 0;
  process.stderr.write(`${leftOut.length} of ${asked} frames are left out, as said above\n`);
  return 1;
}
