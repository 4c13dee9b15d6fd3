import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MAX_FILE_BYTES } from "kitti-io";
import { fileNameOf } from "../frames/frame.js";
import { sweepTemporaries, writeFileAtomic } from "../system/atomic-write.js";
import { MOST_BYTES, readText } from "../system/read-file.js";

/** Texts of result files by frame: a Map, or files. */
export interface ResultFiles {
  get(id: string): string | undefined;
  set(id: string, text: string): unknown;
}

/** Result files that are written one by one, and take the place of others when all are there. */
export interface ResultFolder extends ResultFiles {
  /** how many there are already, of a call that was ended */
  readonly kept: number;
  /** puts them in the place of those that were there */
  finish(): void;
}

/** Says what the files beside it are results of. */
const ORIGIN = "origin.json";

/**
 * Opens a folder, which must be this process's alone, for the result files of some frames. They are written into `FOLDER.part`,
 * and take the place of those in the folder when all are there. What an ended call left in `FOLDER.part` is kept if it was
 * of the same origin.
 * @param origin everything that decides the results, as plain data
 * @throws Error naming the file if nothing can be written there
 */
export function openResultFolder(folder: string, origin: object): ResultFolder {
  const part = `${folder}.part`;
  const text = `${JSON.stringify(origin, null, 2)}\n`;
  const path = join(part, ORIGIN);
  const isSame = existsSync(path) && readText(path, { what: "the origin of results", most: MOST_BYTES.index }) === text;
  if (!isSame && existsSync(part)) rmSync(part, { recursive: true });
  // Also where it is there: whether it can be written shows now, not after hours.
  writeFileAtomic(path, text);
  sweepTemporaries(part);
  const fileOf = (id: string) => join(part, `${fileNameOf(id)}.txt`);
  return {
    kept: resultsIn(part).length,
    get(id) {
      const file = fileOf(id);
      return existsSync(file) ? readText(file, { what: "results", most: MAX_FILE_BYTES.labels }) : undefined;
    },
    set: (id, content) => writeFileAtomic(fileOf(id), content),
    finish() {
      mkdirSync(folder, { recursive: true });
      // Those of an earlier evaluation would be evaluated along with the new ones.
      for (const name of resultsIn(folder)) rmSync(join(folder, name));
      for (const name of resultsIn(part)) renameSync(join(part, name), join(folder, name));
      rmSync(part, { recursive: true });
    },
  };
}

function resultsIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".txt"));
}
