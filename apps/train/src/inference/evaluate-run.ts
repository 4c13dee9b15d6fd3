import { resolve } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { encodeEvaluation } from "kitti-eval";
import type { Precision } from "open-backend";
import type { DataSource } from "../frames/data-source.js";
import { doubtLines } from "../frames/frame-doubts.js";
import { describeLeftOut } from "../frames/frame-fault.js";
import { hashOfFile } from "../prepare/hash.js";
import { readRunFile } from "../runs/run-file.js";
import type { RunFolder } from "../runs/run-folder.js";
import { sweepTemporariesOf, writeFileAtomic } from "../system/atomic-write.js";
import { counted } from "../system/counted.js";
import { owningFreeFolder } from "../system/folder-owner.js";
import { startProgress } from "../system/progress.js";
import type { StopWish } from "../system/stop-signal.js";
import type { WeightsKind } from "../training/checkpoint.js";
import { unsettledStatistics } from "./empty-cells.js";
import { evaluateFrames, type FramesEvaluation, openEvaluationFrames } from "./evaluate-frames.js";
import { openTrainedDetector } from "./open-detector.js";
import type { Detector } from "./predict-frame.js";
import { openResultFolder } from "./result-files.js";

/** An evaluation of a run. */
export interface RunEvaluation extends FramesEvaluation {
  readonly split: string;
  /** of the frames that count */
  readonly ids: readonly string[];
  /** step of the checkpoint */
  readonly step: number;
  /** which of its weights */
  readonly weights: WeightsKind;
  /** of the products that found them */
  readonly precision: Precision;
  /** why cells are empty or zero, in sentences */
  readonly reasons: readonly string[];
  /** what is doubtful in the frames, in sentences */
  readonly doubts: readonly string[];
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
  /** which of its weights the detector has; default `last` */
  readonly weights?: WeightsKind | undefined;
  /** of the backend's products; default float32 */
  readonly precision?: Precision;
  /** that a match needs in the tables of all classes; default: chosen for each by its size */
  readonly overlap?: number | undefined;
  readonly stop?: StopWish | undefined;
  /** a frame whose data are at fault ends it */
  readonly strict?: boolean | undefined;
}

/**
 * Runs a detector over frames, writes its detections as result files (KITTI's where the data are) and evaluates those files,
 * so that `kitti-eval` on the folder gives the same numbers. Writes `eval.json`. What a call that was ended has found by then
 * is not found again, if checkpoint, configuration, frames and backend are the same. Waits while another process evaluates the
 * same split.
 * @returns undefined if it was asked to stop; what an earlier evaluation wrote is still there then
 * @throws Error, before anything is computed, if nothing can be written into the run
 */
export async function evaluateRun(
  run: RunFolder,
  detector: Detector,
  { data, split, frames, step, weights = "last", precision = "float32", overlap, stop, strict }: EvaluationJob,
): Promise<RunEvaluation | undefined> {
  const labelled = await openEvaluationFrames(data, frames, detector.config);
  const predictions = run.predictions(split);
  const [checkpoint, config] = [hashOfFile(run.checkpoint), hashOfFile(run.config)];
  const backend = `${tf.getBackend()}${precision === "float32" ? "" : `, ${precision}`}`;
  const origin = { checkpoint, weights, config, backend, data: resolve(data.root), frames };
  const onWait = (who: string) => process.stderr.write(`waiting: ${who}\n`);
  return await owningFreeFolder(predictions, { onWait }, async () => {
    const results = openResultFolder(predictions, origin);
    if (results.kept > 0)
      process.stderr.write(`${counted(results.kept, "frame was", "frames were")} evaluated before\n`);
    const progress = startProgress(`eval ${split}`, frames.length);
    const evaluated = await evaluateFrames(detector, labelled, {
      results,
      onFrame: (id, boxes) => progress.advance(`${id}: ${boxes} boxes`),
      onFault: (frame) => progress.mention(describeLeftOut(frame)),
      overlap,
      stop,
      strict,
    }).finally(progress.stop);
    if (evaluated === undefined) return undefined;

    const faulty = new Set(evaluated.leftOut.map(({ id }) => id));
    const ids = frames.filter((id) => !faulty.has(id));
    const reasons = [...(evaluated.official?.reasons ?? []), ...statisticsReasons(run, step, detector)];
    const doubts = doubtLines(labelled.doubts);
    const evaluation = { ...evaluated, split, ids, step, weights, precision, reasons, doubts, predictions };
    results.finish();
    sweepTemporariesOf(run.evaluation);
    writeFileAtomic(run.evaluation, `${encodeRunEvaluation(evaluation)}\n`);
    return evaluation;
  });
}

/**
 * The same of the detector that the run has trained.
 * @param job `weights` default: the average if there is one
 * @throws Error as `openTrainedDetector` and {@link evaluateRun}
 */
export async function evaluateTrained(
  run: RunFolder,
  job: Omit<EvaluationJob, "step">,
): Promise<RunEvaluation | undefined> {
  const { detector, step, kind: weights } = openTrainedDetector(run, job.weights);
  try {
    return await evaluateRun(run, detector, { ...job, step, weights });
  } finally {
    detector.network.dispose();
  }
}

/** The document of `eval.json` and `eloss eval --json`: the official metrics, where there are any, beside the rest. */
export function encodeRunEvaluation({ official, tables, reasons, doubts, ...rest }: RunEvaluation): string {
  const { split, ids, leftOut, step, weights, precision, predictions } = rest;
  const ceiling = official && { ceiling: official.ceiling };
  const document = {
    split,
    ids,
    leftOut,
    step,
    weights,
    ...(precision !== "float32" && { precision }),
    ...ceiling,
    predictions,
    ...official?.result,
    reasons,
    doubts,
    tables,
  };
  return encodeEvaluation(document);
}

/** Weights from elsewhere brought statistics of their own: nothing can be said of those by the number of steps here. */
function statisticsReasons(run: RunFolder, step: number, { config }: Detector): string[] {
  const { settings } = readRunFile(run);
  const isImported = settings.frames.length === 0;
  return isImported || settings.initialWeights !== undefined ? [] : unsettledStatistics(step, config);
}
