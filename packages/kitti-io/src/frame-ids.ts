import { access } from "node:fs/promises";
import { join } from "node:path";
import { quoted } from "checked-text";
import { MAX_FILE_BYTES, MAX_FRAMES } from "./file-limits.js";
import { atLine, readWhole } from "./files.js";

/** A plain file name: no folder, no leading dot, no character that ends a line or steers a terminal. */
const NAME = /^[^./\\\p{C}][^/\\\p{C}]*$/u;

/**
 * The frames to open, in order: the image set if it is there, else the given list, else every scan by name.
 * @throws Error with path and line for a name that is none or comes twice, or if the image set is neither there nor
 *   replaced by a list
 */
export async function frameIds(
  root: string,
  { imageSet, frames }: { readonly imageSet?: string; readonly frames?: readonly string[] },
  scans: ReadonlySet<string>,
): Promise<string[]> {
  if (imageSet !== undefined) {
    if (!NAME.test(imageSet)) {
      throw new RangeError(`openDataset: expected a plain name for imageSet, got ${quoted(imageSet)}`);
    }
    const path = join(root, "ImageSets", `${imageSet}.txt`);
    const there = await access(path).then(
      () => true,
      () => false,
    );
    if (there) return await readList(path);
    if (frames === undefined) {
      throw new Error(
        `openDataset: ${path}: expected this file for the image set ${imageSet}, got no such file; ` +
          "give the names in frames, or leave imageSet out to take every scan",
      );
    }
  }
  if (frames === undefined) return [...scans];
  return checked(
    "openDataset",
    frames.map((name, i) => ({ name, where: `frames[${i}]` })),
  );
}

async function readList(path: string): Promise<string[]> {
  const bytes = await readWhole(path, "openDataset", "the image set", MAX_FILE_BYTES.imageSet);
  return parseImageSet(new TextDecoder().decode(bytes), path);
}

/**
 * Reads the text of an image set, a frame name a line; blank lines are skipped.
 * @param path for error messages
 * @throws Error with path and line for what is no frame name, a name that comes twice, or more than a million names
 */
export function parseImageSet(text: string, path?: string): string[] {
  const lines = text.split("\n").map((line, i) => ({ name: line.trim(), where: atLine(path, i + 1) }));
  return checked(
    "parseImageSet",
    lines.filter(({ name }) => name !== ""),
  );
}

function checked(caller: string, list: readonly { readonly name: string; readonly where: string }[]): string[] {
  const beyond = list[MAX_FRAMES];
  if (beyond !== undefined)
    throw new Error(`${caller}: ${beyond.where}: expected at most ${MAX_FRAMES} frames, got more`);
  const seen = new Map<string, string>();
  for (const { name, where } of list) {
    if (!NAME.test(name)) throw new Error(`${caller}: ${where}: expected a frame name, got ${quoted(String(name))}`);
    const before = seen.get(name);
    if (before !== undefined) {
      throw new Error(`${caller}: ${where}: expected each frame once, got ${name} again after ${before}`);
    }
    seen.set(name, where);
  }
  return [...seen.keys()];
}
