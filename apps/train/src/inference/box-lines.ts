import { quoted } from "checked-text";
import { MAX_FILE_BYTES } from "kitti-io";
import type { FrameObject } from "../frames/frame.js";

/** A detection of any class in any data set. */
export type ScoredObject = FrameObject & { readonly score: number };

/** Tell any two float32 numbers apart. */
const DIGITS = 9;
const BOX_NUMBERS = 7;

/**
 * Detections as text, one a line: `x y z dx dy dz yaw CLASS score`, LiDAR frame, metres and radians, centre of the box. It is
 * how OpenPCDet's data sets of one's own are labelled, with a score behind; needs no camera. Reading gives the same float32
 * numbers.
 */
export function encodeBoxLines(objects: readonly ScoredObject[]): string {
  const text = (value: number) => String(Number(value.toPrecision(DIGITS)));
  return objects.map(({ type, box, score }) => `${[...box].map(text).join(" ")} ${type} ${text(score)}\n`).join("");
}

/** Whether a text is lines of boxes and not of KITTI's result files, which begin with a class and have 16 words; by its first line. */
export function holdsBoxLines(text: string): boolean {
  const [line = ""] = text.trimStart().split("\n", 1);
  const words = line.trim().split(/\s+/);
  const areNumbers = (some: readonly string[]) => some.every((word) => Number.isFinite(Number(word)));
  if (words.length === 16 && areNumbers(words.slice(1))) return false;
  return words.length >= BOX_NUMBERS + 2 && areNumbers(words.slice(0, BOX_NUMBERS));
}

/**
 * Reads what {@link encodeBoxLines} writes. The name of a class may have spaces.
 * @param path for error messages
 * @throws Error naming path and line if a line is none, or the text is longer than a result file may be
 */
export function parseBoxLines(text: string, path = "boxes"): ScoredObject[] {
  if (text.length > MAX_FILE_BYTES.labels) throw new Error(`${path}: expected at most ${MAX_FILE_BYTES.labels} bytes`);
  return text.split("\n").flatMap((line, i) => {
    const words = line.split(" ");
    if (line.trim() === "") return [];
    const numbers = [...words.slice(0, BOX_NUMBERS), words.at(-1)!].map((word) =>
      word === "" ? Number.NaN : Number(word),
    );
    if (words.length < BOX_NUMBERS + 2 || !numbers.every(Number.isFinite)) {
      throw new Error(`${path}:${i + 1}: expected "x y z dx dy dz yaw CLASS score", got ${quoted(line)}`);
    }
    const type = words.slice(BOX_NUMBERS, -1).join(" ");
    return [{ type, box: Float64Array.from(numbers.slice(0, BOX_NUMBERS)), score: numbers[BOX_NUMBERS] }];
  });
}
