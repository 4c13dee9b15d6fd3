import {
  type DetectionEvaluation,
  type DetectionFrame,
  type Evaluation,
  evaluateDetections,
  evaluateKitti,
  type LabelledBox,
  perfectDetections,
} from "kitti-eval";
import type { KittiObject } from "kitti-io";
import type { DetectorConfig } from "second-detector";
import type { DataSource } from "../frames/data-source.js";
import { type CameraView, cameraOf } from "../frames/frame.js";
import { type FrameDoubts, frameDoubts } from "../frames/frame-doubts.js";
import { type EachFrameOptions, eachFrame, type LeftOut, readingFrame } from "../frames/frame-fault.js";
import { keepRecent } from "../frames/keep-recent.js";
import { type NetworkInput, networkInput } from "../frames/network-input.js";
import { visibleFrame } from "../frames/visible-frame.js";
import { emptyCellReasons } from "./empty-cells.js";
import { detectionClasses, labelledBoxes } from "./labelled-boxes.js";
import { type Detector, predictFrame } from "./predict-frame.js";
import type { ResultFiles } from "./result-files.js";
import { encodeResult, parseResult } from "./result-text.js";

/** Frames to evaluate on. */
export interface EvaluationFrames {
  readonly ids: readonly string[];
  /** what was doubtful in the frames that have been loaded, a frame once */
  readonly doubts: readonly FrameDoubts[];
  /** @throws FrameFault saying what is wrong with the frame or lacks */
  load(id: string): Promise<EvaluationFrame>;
}

/** A labelled frame, whatever data set it is of. */
interface EvaluationFrame {
  readonly input: NetworkInput;
  /** of every type, with the points that the detector is shown of them */
  readonly objects: readonly LabelledBox[];
  readonly view: CameraView | undefined;
  /** what the official metrics judge by, in the camera's view; absent where the data are not KITTI's */
  readonly kittiLabels: readonly KittiObject[] | undefined;
}

/**
 * Labelled frames as a detector takes them. What was loaded is kept, as far as memory allows: evaluations while training ask
 * for the same frames again and again.
 * @throws Error if the data have no labels, or all of the frames lack files
 */
export async function openEvaluationFrames(
  data: DataSource,
  ids: readonly string[],
  config: DetectorConfig,
): Promise<EvaluationFrames> {
  data.requireLabels();
  await requireOne(data, ids);
  const doubts = new Map<string, FrameDoubts>();
  const load = keepRecent((id) =>
    readingFrame(async () => {
      const image = config.camera && (await data.readImage(id));
      const frame = await data.read(id);
      if (frame.objects === undefined) throw new Error("expected labels to evaluate by, got none");
      if (!doubts.has(id)) doubts.set(id, { id, doubts: frameDoubts(frame), dropped: frame.dropped });
      const seen = { ...visibleFrame(frame, config), image };
      const objects = labelledBoxes(frame.objects, seen.points, config);
      return { input: networkInput(seen, config), objects, view: cameraOf(frame), kittiLabels: frame.kittiLabels };
    }),
  );
  return {
    ids,
    get doubts() {
      return [...doubts.values()];
    },
    load,
  };
}

/** One that lacks files is left out, but that all do is known before hours of work. @throws what is wrong with the last of them */
async function requireOne(data: DataSource, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    try {
      return await data.require([id]);
    } catch (error) {
      if (id === ids.at(-1)) throw error;
    }
  }
}

/** What KITTI's official metrics say of detections. */
export interface OfficialEvaluation {
  readonly result: Evaluation;
  /** the official metrics of the ground truth itself: with fewer than 40 objects far below 100 */
  readonly ceiling: Evaluation;
  /** why cells are empty or zero, in sentences */
  readonly reasons: readonly string[];
}

/** A detector on labelled frames. */
export interface FramesEvaluation {
  /** absent unless every frame has a camera and KITTI's labels */
  readonly official?: OfficialEvaluation;
  /** of every class of the configuration, for any data */
  readonly tables: DetectionEvaluation;
  /** frames whose data are at fault: they do not count */
  readonly leftOut: readonly LeftOut[];
}

/** What is done while frames are evaluated. */
export interface EvaluateFramesOptions extends EachFrameOptions {
  /** what is found goes there, as the text of a result file; what is there already is not found again */
  readonly results?: ResultFiles;
  /** told after each frame how many boxes were found */
  readonly onFrame?: (id: string, boxes: number) => void;
  /** that a match needs in the tables of all classes; default: chosen for each by its size */
  readonly overlap?: number | undefined;
}

/**
 * Runs a detector over frames and evaluates what it finds: with the official metrics where the data are KITTI's, and with tables
 * of all classes for any data. Its boxes go through the text of a result file, so that `kitti-eval` on the written files gives
 * the same numbers. Frames whose data are at fault are left out.
 * @returns undefined if it was asked to end
 * @throws Error if all frames are left out, or with `strict` one
 */
export async function evaluateFrames(
  detector: Detector,
  frames: EvaluationFrames,
  { results = new Map(), onFrame = () => {}, overlap, ...going }: EvaluateFramesOptions = {},
): Promise<FramesEvaluation | undefined> {
  const { config } = detector;
  const evaluated: DetectionFrame[] = [];
  const groundTruth: (readonly KittiObject[])[] = [];
  const detections: (readonly KittiObject[])[] = [];
  const evaluate = async (id: string) => {
    const { input, objects, view, kittiLabels } = await frames.load(id);
    let text = results.get(id);
    if (text === undefined) {
      text = encodeResult(await predictFrame(detector, input), config, view);
      results.set(id, text);
    }
    const found = parseResult(text, view);
    evaluated.push({ id, objects, detections: found.objects });
    if (kittiLabels !== undefined && found.kitti !== undefined) {
      groundTruth.push(kittiLabels);
      detections.push(found.kitti);
    }
    onFrame(id, found.objects.length);
  };
  const leftOut = await eachFrame(frames.ids, evaluate, going);
  if (leftOut === undefined) return undefined;
  const tables = evaluateDetections(evaluated, { classes: detectionClasses(config, overlap) });
  if (groundTruth.length < evaluated.length) return { tables, leftOut };
  const result = evaluateKitti(groundTruth, detections);
  const ceiling = evaluateKitti(groundTruth, perfectDetections(groundTruth));
  const reasons = emptyCellReasons({ groundTruth, detections, result }, config);
  return { official: { result, ceiling, reasons }, tables, leftOut };
}
