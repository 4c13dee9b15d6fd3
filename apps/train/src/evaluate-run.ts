import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Evaluation, encodeEvaluation, evaluateKitti, perfectDetections } from "kitti-eval";
import { type KittiObject, readLabels, writeLabels } from "kitti-io";
import { writeFileAtomic } from "./atomic-write.js";
import { trainingFolder } from "./frame-split.js";
import { type Detector, predictedObjects, predictFrame } from "./predict-frame.js";
import { startProgress } from "./progress.js";
import type { RunFolder } from "./run-folder.js";
import { openFrames } from "./training-frames.js";

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
 * @param job data: KITTI root; split: what the frames are called; step: of the checkpoint
 */
export async function evaluateRun(
  run: RunFolder,
  detector: Detector,
  { data, split, frames, step }: { data: string; split: string; frames: readonly string[]; step: number },
): Promise<RunEvaluation> {
  const { config } = detector;
  const source = await openFrames(data, frames, { config, training: false });
  const predictions = run.predictions(split);
  emptyFolder(predictions);

  const groundTruth: KittiObject[][] = [];
  const detections: KittiObject[][] = [];
  const progress = startProgress(`eval ${split}`, frames.length);
  for (const id of frames) {
    const { voxels, calibration, imageSize } = await source.load(id);
    const found = await predictFrame(detector, voxels);
    const file = join(predictions, `${id}.txt`);
    await writeLabels(file, predictedObjects(found, { config, calibration, imageSize }));
    detections.push(await readLabels(file));
    groundTruth.push(await readLabels(join(trainingFolder(data), "label_2", `${id}.txt`)));
    progress.advance(`${id}: ${found.scores.length} boxes`);
  }
  progress.stop();

  const evaluation: RunEvaluation = {
    split,
    ids: frames,
    step,
    result: evaluateKitti(groundTruth, detections),
    ceiling: evaluateKitti(groundTruth, perfectDetections(groundTruth)),
    predictions,
  };
  const { result, ...rest } = evaluation;
  writeFileAtomic(run.evaluation, `${encodeEvaluation({ ...rest, ...result })}\n`);
  return evaluation;
}

/** Result files of an earlier evaluation would be evaluated along with the new ones. */
function emptyFolder(path: string): void {
  mkdirSync(path, { recursive: true });
  for (const name of readdirSync(path)) if (/^\d{6}\.txt$/.test(name)) rmSync(join(path, name));
}
