import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Evaluation, encodeEvaluation } from "kitti-eval";
import type { DataSource } from "../frames/data-source.js";
import { fileNameOf } from "../frames/frame.js";
import type { RunFolder } from "../runs/run-folder.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { startProgress } from "../system/progress.js";
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

/**
 * Runs a detector over frames, writes its detections as KITTI result files and evaluates those files with the official
 * metrics, so that `kitti-eval` on the folder gives the same numbers. Writes `eval.json`.
 *
 * @param job split: what the frames are called; step: of the checkpoint
 */
export async function evaluateRun(
  run: RunFolder,
  detector: Detector,
  { data, split, frames, step }: { data: DataSource; split: string; frames: readonly string[]; step: number },
): Promise<RunEvaluation> {
  const labelled = await openEvaluationFrames(data, frames, detector.config);
  const progress = startProgress(`eval ${split}`, frames.length);
  const { result, ceiling, resultFiles } = await evaluateFrames(detector, labelled, (id, boxes) =>
    progress.advance(`${id}: ${boxes} boxes`),
  );
  progress.stop();

  const predictions = run.predictions(split);
  emptyFolder(predictions);
  for (const [id, text] of resultFiles) writeFileAtomic(join(predictions, `${fileNameOf(id)}.txt`), text);
  const rest = { split, ids: frames, step, ceiling, predictions };
  writeFileAtomic(run.evaluation, `${encodeEvaluation({ ...rest, ...result })}\n`);
  return { ...rest, result };
}

/** Result files of an earlier evaluation would be evaluated along with the new ones. */
function emptyFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  for (const name of readdirSync(path)) if (name.endsWith(".txt")) rmSync(join(path, name));
}
