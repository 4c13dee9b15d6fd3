import { checkAs, parseJson, quoted } from "checked-text";
import { z } from "zod";
import type { FrameObject } from "./frame.js";

// Labels of scans that need no camera, in the two forms that people have them in.

/** Objects of a frame at most. */
const MOST_OBJECTS = 100_000;
/** Metres from the scanner, and of a size, at most. */
const MOST_METRES = 1e5;
const NUMBERS = ["x", "y", "z", "dx", "dy", "dz", "yaw"] as const;

/**
 * Labels as OpenPCDet has them for data of one's own, a line an object: x y z dx dy dz yaw class. Centre and size in metres,
 * LiDAR frame, yaw in radians; blank lines and those that begin with `#` are skipped.
 * @throws Error with path and line for what is none
 */
export function parseBoxLines(text: string, path: string): FrameObject[] {
  return parseLines(text, path, 8);
}

/** @param count words of a line: 8, or 9 with the score of a detection */
function parseLines(text: string, path: string, count: 8 | 9): FrameObject[] {
  const lines = text.split(/\r?\n/).map((line, i) => ({ words: line.trim().split(/\s+/), where: `${path}:${i + 1}` }));
  const written = lines.filter(({ words }) => words[0] !== "" && !words[0].startsWith("#"));
  if (written.length > MOST_OBJECTS) {
    throw new Error(`${path}: expected at most ${MOST_OBJECTS} objects, got ${written.length}`);
  }
  return written.map(({ words, where }) => {
    if (words.length !== count) {
      const got = `${words.length} words (${quoted(words.join(" "))})`;
      throw new Error(`${where}: expected x y z dx dy dz yaw class${count === 9 ? " score" : ""}, got ${got}`);
    }
    const object = objectOf(words[7], words.slice(0, 7).map(Number), where);
    if (count === 8) return object;
    const score = Number(words[8]);
    if (!(score >= 0 && score <= 1)) throw new Error(`${where}: expected a score from 0 to 1, got ${quoted(words[8])}`);
    return { ...object, score };
  });
}

const triple = z.object({ x: z.number(), y: z.number(), z: z.number() });
const sustechLabels = z
  .array(
    z.object({
      obj_type: z.string().min(1).max(100),
      psr: z.object({ position: triple, scale: triple, rotation: z.object({ z: z.number() }) }),
    }),
  )
  .max(MOST_OBJECTS);

/**
 * Labels of SUSTechPOINTS: a JSON list of `obj_type` and `psr` with `position`, `scale` (length, width, height) and `rotation`,
 * whose z is the yaw; the small tilts about x and y are left out, as boxes here stand upright.
 * @throws Error with path and key for what is none
 */
export function parseSustechLabels(text: string, path: string): FrameObject[] {
  const list = checkAs(parseJson(text, path), sustechLabels, path);
  return list.map(({ obj_type: type, psr: { position, scale, rotation } }, i) => {
    const box = [position.x, position.y, position.z, scale.x, scale.y, scale.z, rotation.z];
    return objectOf(type, box, `${path}: object ${i}`);
  });
}

/** Detections as lines: x y z dx dy dz yaw class score. Read again they are what was found, to the last bit of float32. */
export function formatBoxResults(objects: readonly FrameObject[]): string {
  return objects.map(({ type, box, score }) => `${[...box].join(" ")} ${type} ${score}\n`).join("");
}

/** What {@link formatBoxResults} wrote. @throws Error with path and line for what is none */
export function parseBoxResults(text: string, path: string): FrameObject[] {
  return parseLines(text, path, 9);
}

/** @throws Error naming the number that is none, or is none of a box */
function objectOf(type: string, box: readonly number[], where: string): FrameObject {
  box.forEach((value, i) => {
    const isSize = i >= 3 && i < 6;
    if (Number.isFinite(value) && Math.abs(value) <= MOST_METRES && !(isSize && value <= 0)) return;
    const expected = isSize ? "a size above 0" : "a number";
    throw new Error(`${where}: expected ${expected} for ${NUMBERS[i]} of ${quoted(type)}, got ${value}`);
  });
  return { type, box: Float64Array.from(box) };
}
