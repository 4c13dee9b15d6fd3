import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { cannotWrite } from "../system/atomic-write.js";

/**
 * Finds out before the work whether its result can be written to a file, of which nothing is made or changed.
 * @throws Error naming the file and why not
 */
export function requireWritable(file: string): void {
  try {
    const there = statSync(file, { throwIfNoEntry: false });
    if (there?.isDirectory()) throw new Error("it is a folder");
    // Another file takes the place of one that is there; folders that are not are made. A device or a pipe is written to.
    accessSync(there === undefined || there.isFile() ? nearestFolder(dirname(file)) : file, constants.W_OK);
  } catch (cause) {
    throw cannotWrite(file, cause);
  }
}

/** The folder itself, or the nearest above it that is there. */
function nearestFolder(folder: string): string {
  if (!existsSync(folder) && dirname(folder) !== folder) return nearestFolder(dirname(folder));
  if (statSync(folder).isDirectory()) return folder;
  throw new Error(`${folder} is no folder`);
}
