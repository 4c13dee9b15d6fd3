import { join } from "node:path";
import { printable } from "checked-text";
import { encodeLabels, type KittiObject } from "kitti-io";
import type { DetectorConfig, Predictions } from "second-detector";
import { fileNameOf, viewOf } from "../frames/frame.js";
import { doubtLines } from "../frames/frame-doubts.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { counted } from "../system/counted.js";
import type { InferredFrame, InferredFrames } from "./infer-frame.js";
import { formatLatency, summarizeLatency } from "./latency.js";
import { predictedObjects } from "./predict-frame.js";
import { encodeResult } from "./result-text.js";

/** One box as it is printed and as it stands in JSON. */
interface FoundObject {
  readonly type: string;
  readonly score: number;
  /** x, y, z, length, width, height, yaw; LiDAR frame */
  readonly box: readonly number[];
}

/** Where the boxes come from. */
interface Source {
  readonly config: DetectorConfig;
  /** of the checkpoint; absent for untrained weights */
  readonly step?: number;
}

/** What is printed of a single scan. */
export function scanReport(
  frame: InferredFrame,
  { config, step, scan, format }: Source & { readonly scan: string; readonly format: "json" | "kitti" | "text" },
): string {
  if (format === "kitti") return encodeLabels(kittiObjectsOf(frame, config));
  const objects = objectsOf(frame.found, config);
  if (format === "text") return printable(boxTable(objects));
  const doubts = doubtLines([frame]);
  return jsonText({
    scan,
    ...sourceOf({ config, step }),
    objects,
    doubts,
    latency: summarizeLatency([frame.times], 0),
  });
}

/**
 * What is printed of a split: the boxes of every frame's first pass and the latency over all passes; as text, how many boxes
 * of each class instead of the boxes.
 */
export function splitReport(
  { inferred, times, leftOut, stopped }: InferredFrames,
  options: Source & {
    readonly split: string;
    readonly warmUp: number;
    readonly format: "json" | "text";
  },
): string {
  const { config, step, split, warmUp, format } = options;
  const latency = summarizeLatency(times, warmUp);
  const frames = inferred.map(({ id, found }) => ({ id, objects: objectsOf(found, config) }));
  if (format === "json")
    return jsonText({
      split,
      ...sourceOf({ config, step }),
      frames,
      leftOut,
      stopped,
      doubts: doubtLines(inferred),
      latency,
    });
  const counts = config.classes.map(({ name }) => {
    const count = frames.reduce((sum, { objects }) => sum + objects.filter(({ type }) => type === name).length, 0);
    return `${count} ${name}`;
  });
  const weights = step === undefined ? "untrained weights" : `checkpoint of step ${step}`;
  const found = `${config.name}, ${weights}, ${counted(frames.length, "frame")}: ${counts.join(", ")}`;
  return `${printable(found)}\n\n${formatLatency(latency)}\n`;
}

/** Writes DIR/ID.txt for a frame: in KITTI's format, or without a camera lines of boxes. */
export function writeResult(folder: string, { id, found, view }: InferredFrame, config: DetectorConfig): void {
  writeFileAtomic(join(folder, `${fileNameOf(id)}.txt`), encodeResult(found, config, view));
}

function kittiObjectsOf(frame: InferredFrame, config: DetectorConfig): KittiObject[] {
  return predictedObjects(frame.found, config, viewOf(frame, "to write boxes in KITTI's format"));
}

function sourceOf({ config, step }: Source): object {
  return step === undefined ? { untrained: config.name } : { step };
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function objectsOf({ boxes, scores, labels }: Predictions, config: DetectorConfig): FoundObject[] {
  return Array.from(scores, (score, i) => ({
    type: config.classes[labels[i]].name,
    score,
    box: Array.from(boxes.subarray(7 * i, 7 * i + 7)),
  }));
}

function boxTable(objects: readonly FoundObject[]): string {
  if (objects.length === 0) return "no objects found\n";
  const heads = ["x", "y", "z", "length", "width", "height", "yaw"];
  const rows = objects.map(
    ({ type, score, box }) =>
      type.padEnd(12) + score.toFixed(3).padStart(6) + box.map((value) => value.toFixed(2).padStart(9)).join(""),
  );
  return `${["class".padEnd(12) + "score".padStart(6) + heads.map((head) => head.padStart(9)).join(""), ...rows].join("\n")}\n`;
}
