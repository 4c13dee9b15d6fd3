import { encodeLabels, type KittiObject, parseLabels } from "kitti-io";
import type { DetectorConfig, Predictions } from "second-detector";
import type { CameraView } from "../frames/frame.js";
import { objectsFromKitti } from "../frames/kitti-frame.js";
import { encodeBoxLines, parseBoxLines, type ScoredObject } from "./box-lines.js";
import { predictedObjects } from "./predict-frame.js";

/** What a result file says. */
export interface FrameResult {
  /** boxes in the LiDAR frame */
  readonly objects: readonly ScoredObject[];
  /** the same as the official metrics read them; absent without a camera */
  readonly kitti?: readonly KittiObject[];
}

/** The text of a frame's result file: KITTI's where there is a camera to place boxes in the image, else lines of boxes. */
export function encodeResult(found: Predictions, config: DetectorConfig, view: CameraView | undefined): string {
  if (view !== undefined) return encodeLabels(predictedObjects(found, config, view));
  const { boxes, scores, labels } = found;
  return encodeBoxLines(
    Array.from(scores, (score, i) => ({
      type: config.classes[labels[i]].name,
      box: Float64Array.from(boxes.subarray(7 * i, 7 * i + 7)),
      score,
    })),
  );
}

/**
 * Reads what {@link encodeResult} wrote for a frame.
 * @param path for error messages
 * @throws Error naming the path, if there is one, and the line that is wrong
 */
export function parseResult(text: string, view: CameraView | undefined, path?: string): FrameResult {
  if (view === undefined) return { objects: parseBoxLines(text, path) };
  const kitti = parseLabels(text, path, { classes: "any", score: "required" });
  return { kitti, objects: objectsFromKitti(kitti, view.calibration) as ScoredObject[] };
}
