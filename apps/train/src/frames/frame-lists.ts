import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseImageSet } from "kitti-io";
import { MOST_BYTES, readText } from "../system/read-file.js";

/** The frames of `ROOT/ImageSets/NAME.txt`. @throws Error saying what there is in its place */
export function listedFrames(root: string, name: string): string[] {
  const lists = join(root, "ImageSets");
  const path = join(lists, `${name}.txt`);
  if (existsSync(path))
    return parseImageSet(readText(path, { what: "an image set", most: MOST_BYTES.frameList }), path);
  const found = existsSync(lists) ? readdirSync(lists).join(", ") : "no ImageSets folder";
  throw new Error(`expected ${path}, found ${found}`);
}
