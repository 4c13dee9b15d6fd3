import { join } from "node:path";
import { type Evaluation, evaluateKitti, perfectDetections } from "kitti-eval";
import { encodeLabels, type KittiObject, parseLabels, readLabels } from "kitti-io";
import { trainingFolder } from "../frames/frame-split.js";
import type { FrameSource } from "../frames/training-frames.js";
import { type Detector, predictedObjects, predictFrame } from "./predict-frame.js";

/** A detector on labelled frames. */
export interface FramesEvaluation {
  readonly result: Evaluation;
  /** the official metrics of the ground truth itself: with fewer than 40 objects far below 100 */
  readonly ceiling: Evaluation;
  /** what was found, frame by frame, as the text of a KITTI result file */
  readonly resultFiles: ReadonlyMap<string, string>;
}

/**
 * Runs a detector over the frames of a source and evaluates what it finds with the official metrics. Its boxes go
 * through the text of a result file, so that `kitti-eval` on the written files gives the same numbers.
 *
 * @param data    KITTI root, for the labels
 * @param onFrame told after each frame how many boxes were found
 */
export async function evaluateFrames(
  detector: Detector,
  { data, source, onFrame }: { data: string; source: FrameSource; onFrame: (id: string, boxes: number) => void },
): Promise<FramesEvaluation> {
  const { config } = detector;
  const groundTruth: KittiObject[][] = [];
  const detections: KittiObject[][] = [];
  const resultFiles = new Map<string, string>();
  for (const id of source.ids) {
    const frame = await source.load(id);
    const found = await predictFrame(detector, frame);
    const text = encodeLabels(predictedObjects(found, { config, ...frame }));
    resultFiles.set(id, text);
    detections.push(parseLabels(text));
    groundTruth.push(await readLabels(join(trainingFolder(data), "label_2", `${id}.txt`)));
    onFrame(id, found.scores.length);
  }
  return {
    result: evaluateKitti(groundTruth, detections),
    ceiling: evaluateKitti(groundTruth, perfectDetections(groundTruth)),
    resultFiles,
  };
}
