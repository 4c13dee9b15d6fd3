import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EvaluationObject } from "../src/index.js";

/** A trivial reader of label and result lines, independent of any package. */
export function objectsOf(text: string): EvaluationObject[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => {
    const [type, ...rest] = line.trim().split(/\s+/);
    const n = rest.map(Number);
    const object = {
      type,
      truncated: n[0],
      occluded: n[1],
      alpha: n[2],
      bbox: n.slice(3, 7),
      dimensions: n.slice(7, 10),
      location: n.slice(10, 13),
      rotationY: n[13],
    };
    return n.length > 14 ? { ...object, score: n[14] } : object;
  });
}

/** Frames of a golden set: those that have a detection file. */
export function framesOf(dir: string): { groundTruth: EvaluationObject[][]; detections: EvaluationObject[][] } {
  const names = readdirSync(join(dir, "det")).sort();
  const read = (folder: string) => names.map((name) => objectsOf(readFileSync(join(dir, folder, name), "utf8")));
  return { groundTruth: read("label_2"), detections: read("det") };
}
