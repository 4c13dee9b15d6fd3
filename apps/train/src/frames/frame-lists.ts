import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { MOST_BYTES, readText } from "../system/read-file.js";

/** A frame that a list names. */
export interface ListedFrame {
  readonly id: string;
  /** what names it: a line of a file, or words of the command */
  readonly where: string;
}

/** The ids of a file, one a line; blank lines are skipped. @throws Error if it cannot be read */
export function readFrameList(path: string): ListedFrame[] {
  const lines = readText(path, { what: "a list of frames", most: MOST_BYTES.frameList }).split("\n");
  return lines.flatMap((line, i) => (line.trim() === "" ? [] : [{ id: line.trim(), where: `${path}:${i + 1}` }]));
}

/** The frames of `ROOT/ImageSets/NAME.txt`. @throws Error saying what there is in its place */
export function listedFrames(root: string, name: string): ListedFrame[] {
  const lists = join(root, "ImageSets");
  const path = join(lists, `${name}.txt`);
  if (existsSync(path)) return readFrameList(path);
  const found = existsSync(lists) ? readdirSync(lists).join(", ") : "no ImageSets folder";
  throw new Error(`expected ${path}, found ${found}`);
}

/** Frames that a part of the data has without a list. */
export function framesOf(name: string, ids: readonly string[]): ListedFrame[] {
  return ids.map((id) => ({ id, where: name }));
}
