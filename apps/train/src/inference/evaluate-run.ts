import { resolve } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { type DetectionEvaluation, type Evaluation, encodeEvaluation } from "kitti-eval";
import type { DataSource } from "../frames/data-source.js";
import { describeLeftOut, type LeftOut } from "../frames/frame-fault.js";
import { hashOfFile } from "../prepare/hash.js";
import type { RunFolder } from "../runs/run-folder.js";
import { sweepTemporariesOf, writeFileAtomic } from "../system/atomic-write.js";
import { owningFreeFolder } from "../system/folder-owner.js";
import { startProgress } from "../system/progress.js";
import type { StopWish } from "../system/stop-signal.js";
import { type EvaluateFramesOptions, evaluateFrames, openEvaluationFrames } from "./evaluate-frames.js";
import { evaluateScans } from "./evaluate-scans.js";
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

/** What {@link evaluateScanRun} found. */
export interface ScanRunEvaluation extends Omit<RunEvaluation, "result" | "ceiling"> {
  readonly result: DetectionEvaluation;
}

/**
 * The same as {@link evaluateRun} for scans without a camera: what is found is written as lines of boxes in space and measured
 * class by class.
 * @returns undefined if it was asked to stop; what was found is not found again
 * @throws Error, before anything is computed, if nothing can be written into the run
 */
export async function evaluateScanRun(
  run: RunFolder,
  detector: Detector,
  job: EvaluationJob,
): Promise<ScanRunEvaluation | undefined> {
  const { split, frames, step, data, stop } = job;
  return await writingResults(run, job, async (options) => {
    const evaluated = await evaluateScans(detector, { data, ids: frames }, { ...options, stop });
    if (evaluated === undefined) return undefined;
    const { result, leftOut } = evaluated;
    const rest = { split, ids: countedOf(frames, leftOut), leftOut, step, predictions: run.predictions(split) };
    return { evaluation: { ...rest, result }, text: `${JSON.stringify({ ...rest, ...result }, null, 2)}\n` };
  });
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
  const job = { data, split, frames, step, stop };
  return await writingResults(run, job, async (options) => {
    const evaluated = await evaluateFrames(detector, labelled, { ...options, stop });
    if (evaluated === undefined) return undefined;
    const { result, ceiling, leftOut } = evaluated;
    const rest = {
      split,
      ids: countedOf(frames, leftOut),
      leftOut,
      step,
      ceiling,
      predictions: run.predictions(split),
    };
    return { evaluation: { ...rest, result }, text: `${encodeEvaluation({ ...rest, ...result })}\n` };
  });
}

/** Evaluates with result files in the run's folder, which is this process's meanwhile, and writes what came of it. */
async function writingResults<T>(
  run: RunFolder,
  { data, split, frames }: EvaluationJob,
  evaluate: (options: EvaluateFramesOptions) => Promise<{ readonly evaluation: T; readonly text: string } | undefined>,
): Promise<T | undefined> {
  const predictions = run.predictions(split);
  const [checkpoint, config] = [hashOfFile(run.checkpoint), hashOfFile(run.config)];
  const origin = { checkpoint, config, backend: tf.getBackend(), data: resolve(data.root), frames };
  const onWait = (who: string) => process.stderr.write(`waiting: ${who}\n`);
  return await owningFreeFolder(predictions, { onWait }, async () => {
    const results = openResultFolder(predictions, origin);
    if (results.kept > 0) process.stderr.write(`${results.kept} frames were evaluated before\n`);
    const progress = startProgress(`eval ${split}`, frames.length);
    const made = await evaluate({
      results,
      onFrame: (id, boxes) => progress.advance(`${id}: ${boxes} boxes`),
      onFault: (frame) => progress.mention(describeLeftOut(frame)),
    }).finally(progress.stop);
    if (made === undefined) return undefined;
    results.finish();
    sweepTemporariesOf(run.evaluation);
    writeFileAtomic(run.evaluation, made.text);
    return made.evaluation;
  });
}

function countedOf(frames: readonly string[], leftOut: readonly LeftOut[]): string[] {
  const faulty = new Set(leftOut.map(({ id }) => id));
  return frames.filter((id) => !faulty.has(id));
}
