import { access } from "node:fs/promises";
import { join } from "node:path";
import { readWhole } from "./files.js";
import { quoted } from "./number.js";

const MAX_LIST_BYTES = 2 ** 24;
/** A plain file name: no folder, no leading dot. */
const NAME = /^[\w-][\w.-]*$/;

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
  return checked(frames.map((name, i) => ({ name, where: `frames[${i}]` })));
}

async function readList(path: string): Promise<string[]> {
  const text = new TextDecoder().decode(await readWhole(path, "openDataset", "the image set", MAX_LIST_BYTES));
  const lines = text.split("\n").map((line, i) => ({ name: line.trim(), where: `${path}:${i + 1}` }));
  return checked(lines.filter(({ name }) => name !== ""));
}

function checked(list: readonly { readonly name: string; readonly where: string }[]): string[] {
  const seen = new Map<string, string>();
  for (const { name, where } of list) {
    if (!NAME.test(name)) throw new Error(`openDataset: ${where}: expected a frame name, got ${quoted(String(name))}`);
    const before = seen.get(name);
    if (before !== undefined) {
      throw new Error(`openDataset: ${where}: expected each frame once, got ${name} again after ${before}`);
    }
    seen.set(name, where);
  }
  return [...seen.keys()];
}
