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
export function parseBoxLabels(text: string, path: string): FrameObject[] {
  const lines = text.split(/\r?\n/).map((line, i) => ({ words: line.trim().split(/\s+/), where: `${path}:${i + 1}` }));
  const written = lines.filter(({ words }) => words[0] !== "" && !words[0].startsWith("#"));
  if (written.length > MOST_OBJECTS) {
    throw new Error(`${path}: expected at most ${MOST_OBJECTS} objects, got ${written.length}`);
  }
  return written.map(({ words, where }) => {
    if (words.length !== 8) {
      const got = `${words.length} words (${quoted(words.join(" "))})`;
      throw new Error(`${where}: expected x y z dx dy dz yaw class, got ${got}`);
    }
    return objectOf(words[7], words.slice(0, 7).map(Number), where);
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
