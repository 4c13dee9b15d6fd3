import { type Evaluation, evaluateKitti, perfectDetections } from "kitti-eval";
import { encodeLabels, type KittiObject, parseLabels } from "kitti-io";
import type { DetectorConfig } from "second-detector";
import type { DataSource } from "../frames/data-source.js";
import { type CameraView, viewOf } from "../frames/frame.js";
import { keepRecent } from "../frames/keep-recent.js";
import { type NetworkInput, networkInput } from "../frames/network-input.js";
import { readVisibleFrame } from "../frames/visible-frame.js";
import { letSignalsIn, type StopWish } from "../system/stop-signal.js";
import { type Detector, predictedObjects, predictFrame } from "./predict-frame.js";

/** Frames to evaluate on. */
export interface EvaluationFrames {
  readonly ids: readonly string[];
  /** @throws Error naming the frame and what is wrong with it or lacks */
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
  const load = keepRecent(async (id) => {
    const frame = await readVisibleFrame(data, id, config);
    const view = viewOf(frame, "to evaluate by KITTI's rules");
    if (frame.kittiLabels === undefined) throw new Error(`frame ${id}: expected KITTI labels to evaluate by, got none`);
    return { input: networkInput(frame, config), view, truth: frame.kittiLabels };
  });
  return { ids, load };
}

/** A detector on labelled frames. */
export interface FramesEvaluation {
  readonly result: Evaluation;
  /** the official metrics of the ground truth itself: with fewer than 40 objects far below 100 */
  readonly ceiling: Evaluation;
  /** what was found, frame by frame, as the text of a KITTI result file */
  readonly resultFiles: ReadonlyMap<string, string>;
}

/**
 * Runs a detector over frames and evaluates what it finds with the official metrics. Its boxes go through the text of a
 * result file, so that `kitti-eval` on the written files gives the same numbers.
 * @param options onFrame: told after each frame how many boxes were found; stop: asks to end after the frame at hand
 * @returns undefined if it was asked to end
 */
export async function evaluateFrames(
  detector: Detector,
  frames: EvaluationFrames,
  {
    onFrame = () => {},
    stop,
  }: { readonly onFrame?: (id: string, boxes: number) => void; readonly stop?: StopWish | undefined } = {},
): Promise<FramesEvaluation | undefined> {
  const groundTruth: (readonly KittiObject[])[] = [];
  const detections: KittiObject[][] = [];
  const resultFiles = new Map<string, string>();
  for (const id of frames.ids) {
    await letSignalsIn();
    if (stop?.requested) return undefined;
    const { input, view, truth } = await frames.load(id);
    const found = await predictFrame(detector, input);
    const text = encodeLabels(predictedObjects(found, detector.config, view));
    resultFiles.set(id, text);
    detections.push(parseLabels(text));
    groundTruth.push(truth);
    onFrame(id, found.scores.length);
  }
  return {
    result: evaluateKitti(groundTruth, detections),
    ceiling: evaluateKitti(groundTruth, perfectDetections(groundTruth)),
    resultFiles,
  };
}
