import { type DetectionEvaluation, type DetectionFrame, evaluateDetections, usualOverlap } from "kitti-eval";
import { pointsInBox } from "lidar-augment";
import type { DetectorConfig, Predictions } from "second-detector";
import { formatBoxResults, parseBoxResults } from "../frames/box-labels.js";
import type { DataSource } from "../frames/data-source.js";
import type { FrameObject } from "../frames/frame.js";
import { eachFrame, type LeftOut, readingFrame } from "../frames/frame-fault.js";
import { networkInput } from "../frames/network-input.js";
import { visibleFrame, visiblePoints } from "../frames/visible-frame.js";
import type { EvaluateFramesOptions } from "./evaluate-frames.js";
import { type Detector, predictFrame } from "./predict-frame.js";

/** A detector on labelled scans that have no camera. */
export interface ScansEvaluation {
  readonly result: DetectionEvaluation;
  /** frames whose data are at fault: they do not count */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Runs a detector over labelled scans and measures what it finds, class by class, by overlaps in space: what
 * {@link evaluateFrames} is for KITTI's frames. Result files have a line for each box, x y z dx dy dz yaw class score.
 * @returns undefined if it was asked to end
 * @throws Error if there are no such frames, or all are left out
 */
export async function evaluateScans(
  detector: Detector,
  { data, ids }: { readonly data: DataSource; readonly ids: readonly string[] },
  { results = new Map(), onFrame = () => {}, onFault, stop }: EvaluateFramesOptions = {},
): Promise<ScansEvaluation | undefined> {
  data.requireLabels();
  await data.require(ids);
  const { config } = detector;
  const frames: DetectionFrame[] = [];
  const evaluate = async (id: string) => {
    const { frame, input } = await readingFrame(async () => {
      const frame = await data.read(id);
      return { frame, input: networkInput(visibleFrame(frame, config), config) };
    });
    let text = results.get(id);
    if (text === undefined) {
      text = formatBoxResults(foundObjects(await predictFrame(detector, input), config));
      results.set(id, text);
    }
    const detections = parseBoxResults(text, id).map((object) => ({ ...object, score: object.score! }));
    const points = visiblePoints(frame);
    const nameOf = (type: string) =>
      config.classes.find(({ name }) => name.toLowerCase() === type.toLowerCase())?.name ?? type;
    const objects = (frame.objects ?? []).map(({ type, box }) => ({
      type: nameOf(type),
      box,
      points: pointsInBox(points, box).length / 4,
    }));
    frames.push({ id, objects, detections });
    onFrame(id, detections.length);
  };
  const leftOut = await eachFrame(ids, evaluate, { onFault, stop });
  if (leftOut === undefined) return undefined;
  return { result: evaluateDetections(frames, { classes: judgedClasses(frames, config) }), leftOut };
}

/** What was found, as objects. */
export function foundObjects(
  { boxes, scores, labels }: Predictions,
  { classes }: Pick<DetectorConfig, "classes">,
): FrameObject[] {
  return Array.from(scores, (score, i) => ({
    type: classes[labels[i]].name,
    box: Float64Array.from(boxes.subarray(7 * i, 7 * i + 7)),
    score,
  }));
}

/** Every class of the detector, by the overlap that is usual for objects as long as those labelled. */
function judgedClasses(frames: readonly DetectionFrame[], { classes }: Pick<DetectorConfig, "classes">) {
  return classes.map(({ name }) => {
    const objects = frames.flatMap((frame) => frame.objects.filter(({ type }) => type === name));
    return { name, overlap: usualOverlap(objects.map(({ box }) => box[3])) };
  });
}
