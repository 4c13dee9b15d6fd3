import { Command } from "commander";
import { encodeEvaluation, formatEvaluation } from "kitti-eval";
import type { BackendName } from "open-backend";
import { resolveSplit } from "../frames/frame-split.js";
import { openDataSource } from "../frames/open-data-source.js";
import { evaluateRun } from "../inference/evaluate-run.js";
import { openTrainedDetector } from "../inference/open-detector.js";
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
  const data = openDataSource(root);
  const frames = resolveSplit(data, split);
  await startBackend(backend);
  const { detector, step } = openTrainedDetector(run);
  const evaluation = await evaluateRun(run, detector, { data, split, frames, step, stop });
  if (evaluation === undefined) {
    process.stderr.write("stopped; the same command goes on, and what an earlier evaluation wrote is still there\n");
    return 130;
  }
  const { result, ...rest } = evaluation;
  const { ceiling, leftOut } = rest;
  const text = json
    ? encodeEvaluation({ ...rest, ...result })
    : `${split}, checkpoint of step ${step}: ${formatEvaluation(result, { ceiling })}\n\ndetections in ${rest.predictions}`;
  process.stdout.write(`${text}\n`);
  if (leftOut.length === 0) return 0;
  process.stderr.write(`${leftOut.length} of ${frames.length} frames are left out, as said above\n`);
  return 1;
}
