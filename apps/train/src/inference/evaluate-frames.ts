import { type Evaluation, evaluateKitti, perfectDetections } from "kitti-eval";
import { encodeLabels, type KittiObject, parseLabels } from "kitti-io";
import type { DetectorConfig } from "second-detector";
import type { DataSource } from "../frames/data-source.js";
import { type CameraView, viewOf } from "../frames/frame.js";
import { eachFrame, type LeftOut, readingFrame } from "../frames/frame-fault.js";
import { keepRecent } from "../frames/keep-recent.js";
import { type NetworkInput, networkInput } from "../frames/network-input.js";
import { readVisibleFrame } from "../frames/visible-frame.js";
import type { StopWish } from "../system/stop-signal.js";
import { type Detector, predictedObjects, predictFrame } from "./predict-frame.js";
import type { ResultFiles } from "./result-files.js";

/** Frames to evaluate on. */
export interface EvaluationFrames {
  readonly ids: readonly string[];
  /** @throws FrameFault saying what is wrong with the frame or lacks */
  load(id: string): Promise<EvaluationFrame>;
}

/** What is found is judged in the camera's view, by KITTI's labels. */
interface EvaluationFrame {
  readonly input: NetworkInput;
  readonly view: CameraView;
  readonly truth: readonly KittiObject[];
}

/**
 * Labelled frames as a detector takes them. What was loaded is kept, as far as memory allows: evaluations while training ask
 * for the same frames again and again.
 * @throws Error if there are no such frames
 */
export async function openEvaluationFrames(
  data: DataSource,
  ids: readonly string[],
  config: DetectorConfig,
): Promise<EvaluationFrames> {
  await data.require(ids);
  const load = keepRecent((id) =>
    readingFrame(async () => {
      const frame = await readVisibleFrame(data, id, config);
      const view = viewOf(frame, "to evaluate by KITTI's rules");
      if (frame.kittiLabels === undefined) throw new Error("expected KITTI labels to evaluate by, got none");
      return { input: networkInput(frame, config), view, truth: frame.kittiLabels };
    }),
  );
  return { ids, load };
}

/** A detector on labelled frames. */
export interface FramesEvaluation {
  readonly result: Evaluation;
  /** the official metrics of the ground truth itself: with fewer than 40 objects far below 100 */
  readonly ceiling: Evaluation;
  /** frames whose data are at fault: they do not count */
  readonly leftOut: readonly LeftOut[];
}

/** What is done while frames are evaluated. */
export interface EvaluateFramesOptions {
  /** what is found goes there, as the text of a KITTI result file; what is there already is not found again */
  readonly results?: ResultFiles;
  /** told after each frame how many boxes were found */
  readonly onFrame?: (id: string, boxes: number) => void;
  /** told of each frame that is left out */
  readonly onFault?: (frame: LeftOut) => void;
  /** asks to end after the frame at hand */
  readonly stop?: StopWish | undefined;
}

/**
 * Runs a detector over frames and evaluates what it finds with the official metrics. Its boxes go through the text of a
 * result file, so that `kitti-eval` on the written files gives the same numbers. Frames whose data are at fault are left out.
 * @returns undefined if it was asked to end
 * @throws Error if all frames are left out
 */
export async function evaluateFrames(
  detector: Detector,
  frames: EvaluationFrames,
  { results = new Map(), onFrame = () => {}, onFault, stop }: EvaluateFramesOptions = {},
): Promise<FramesEvaluation | undefined> {
  const groundTruth: (readonly KittiObject[])[] = [];
  const detections: KittiObject[][] = [];
  const evaluate = async (id: string) => {
    const { input, view, truth } = await frames.load(id);
    let text = results.get(id);
    if (text === undefined) {
      const found = await predictFrame(detector, input);
      text = encodeLabels(predictedObjects(found, detector.config, view));
      results.set(id, text);
    }
    const objects = parseLabels(text);
    detections.push(objects);
    groundTruth.push(truth);
    onFrame(id, objects.length);
  };
  const leftOut = await eachFrame(frames.ids, evaluate, { onFault, stop });
  if (leftOut === undefined) return undefined;
  return {
    result: evaluateKitti(groundTruth, detections),
    ceiling: evaluateKitti(groundTruth, perfectDetections(groundTruth)),
    leftOut,
  };
}
