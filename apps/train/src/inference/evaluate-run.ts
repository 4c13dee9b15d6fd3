import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Evaluation, encodeEvaluation } from "kitti-eval";
import type { DataSource } from "../frames/data-source.js";
import { fileNameOf } from "../frames/frame.js";
import type { RunFolder } from "../runs/run-folder.js";
import { sweepTemporaries, writeFileAtomic } from "../system/atomic-write.js";
import { owningFreeFolder } from "../system/folder-owner.js";
import { startProgress } from "../system/progress.js";
import type { StopWish } from "../system/stop-signal.js";
import { evaluateFrames, openEvaluationFrames } from "./evaluate-frames.js";
import type { Detector } from "./predict-frame.js";

/** An evaluation and the best that any detector could reach on the same frames. */
export interface RunEvaluation {
  readonly split: string;
  readonly ids: readonly string[];
  /** step of the checkpoint */
  readonly step: number;
  readonly result: Evaluation;
  /** the official metrics of the ground truth itself: with fewer than 40 objects far below 100 */
  readonly ceiling: Evaluation;
  /** where the detections were written */
  readonly predictions: string;
}

/** What to evaluate. */
export interface EvaluationJob {
  readonly data: DataSource;
  /** what the frames are called */
  readonly split: string;
  readonly frames: readonly string[];
  /** of the checkpoint */
  readonly step: number;
  readonly stop?: StopWish | undefined;
}

/**
 * Runs a detector over frames, writes its detections as KITTI result files and evaluates those files with the official
 * metrics, so that `kitti-eval` on the folder gives the same numbers. Writes `eval.json`. Waits while another process writes
 * results of the same split.
 * @returns undefined if it was asked to stop before it wrote anything
 */
export async function evaluateRun(
  run: RunFolder,
  detector: Detector,
  { data, split, frames, step, stop }: EvaluationJob,
): Promise<RunEvaluation | undefined> {
  const labelled = await openEvaluationFrames(data, frames, detector.config);
  const progress = startProgress(`eval ${split}`, frames.length);
  const onFrame = (id: string, boxes: number) => progress.advance(`${id}: ${boxes} boxes`);
  const evaluated = await evaluateFrames(detector, labelled, { onFrame, stop }).finally(progress.stop);
  if (evaluated === undefined) return undefined;

  const { result, ceiling, resultFiles } = evaluated;
  const predictions = run.predictions(split);
  const rest = { split, ids: frames, step, ceiling, predictions };
  await owningFreeFolder(predictions, { onWait: (who) => process.stderr.write(`waiting: ${who}\n`) }, async () => {
    sweepTemporaries(predictions);
    emptyFolder(predictions);
    for (const [id, text] of resultFiles) writeFileAtomic(join(predictions, `${fileNameOf(id)}.txt`), text);
    writeFileAtomic(run.evaluation, `${encodeEvaluation({ ...rest, ...result })}\n`);
  });
  return { ...rest, result };
}

/** Result files of an earlier evaluation would be evaluated along with the new ones. */
function emptyFolder(path: string): void {
  for (const name of readdirSync(path)) if (name.endsWith(".txt")) rmSync(join(path, name));
}
