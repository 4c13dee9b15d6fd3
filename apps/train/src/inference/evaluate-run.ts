import { resolve } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { type Evaluation, encodeEvaluation } from "kitti-eval";
import type { DataSource } from "../frames/data-source.js";
import { describeLeftOut, type LeftOut } from "../frames/frame-fault.js";
import { hashOfFile } from "../prepare/hash.js";
import type { RunFolder } from "../runs/run-folder.js";
import { sweepTemporariesOf, writeFileAtomic } from "../system/atomic-write.js";
import { owningFreeFolder } from "../system/folder-owner.js";
import { startProgress } from "../system/progress.js";
import type { StopWish } from "../system/stop-signal.js";
import { evaluateFrames, openEvaluationFrames } from "./evaluate-frames.js";
import type { Detector } from "./predict-frame.js";
import { openResultFolder } from "./result-files.js";

/** An evaluation and the best that any detector could reach on the same frames. */
export interface RunEvaluation {
  readonly split: string;
  /** of the frames that count */
  readonly ids: readonly string[];
  /** frames whose data are at fault: they do not count */
  readonly leftOut: readonly LeftOut[];
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
 * metrics, so that `kitti-eval` on the folder gives the same numbers. Writes `eval.json`. What a call that was ended has found
 * by then is not found again, if checkpoint, configuration, frames and backend are the same. Waits while another process
 * evaluates the same split.
 * @returns undefined if it was asked to stop; what an earlier evaluation wrote is still there then
 * @throws Error, before anything is computed, if nothing can be written into the run
 */
export async function evaluateRun(
  run: RunFolder,
  detector: Detector,
  { data, split, frames, step, stop }: EvaluationJob,
): Promise<RunEvaluation | undefined> {
  const labelled = await openEvaluationFrames(data, frames, detector.config);
  const predictions = run.predictions(split);
  const [checkpoint, config] = [hashOfFile(run.checkpoint), hashOfFile(run.config)];
  const origin = { checkpoint, config, backend: tf.getBackend(), data: resolve(data.root), frames };
  const onWait = (who: string) => process.stderr.write(`waiting: ${who}\n`);
  return await owningFreeFolder(predictions, { onWait }, async () => {
    const results = openResultFolder(predictions, origin);
    if (results.kept > 0) process.stderr.write(`${results.kept} frames were evaluated before\n`);
    const progress = startProgress(`eval ${split}`, frames.length);
    const evaluated = await evaluateFrames(detector, labelled, {
      results,
      onFrame: (id, boxes) => progress.advance(`${id}: ${boxes} boxes`),
      onFault: (frame) => progress.mention(describeLeftOut(frame)),
      stop,
    }).finally(progress.stop);
    if (evaluated === undefined) return undefined;

    const { result, ceiling, leftOut } = evaluated;
    const faulty = new Set(leftOut.map(({ id }) => id));
    const rest = { split, ids: frames.filter((id) => !faulty.has(id)), leftOut, step, ceiling, predictions };
    results.finish();
    sweepTemporariesOf(run.evaluation);
    writeFileAtomic(run.evaluation, `${encodeEvaluation({ ...rest, ...result })}\n`);
    return { ...rest, result };
  });
}
