import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { isRunning } from "./is-running.js";

/**
 * Writes a file so that a reader sees the old one or the new one and never a part, after a power cut too: temporary name, to
 * the disk, then rename. A symbolic link stays one; a device or a pipe is written to as it is.
 * @throws Error with the path and, where the disk is full, what to do
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there === undefined || there.isFile()) replaceFile(there === undefined ? path : realpathSync(path), content);
    else writeFileSync(path, content);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

function replaceFile(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(temporary, content, { flush: true });
    renameSync(temporary, path);
  } catch (cause) {
    if (existsSync(temporary)) rmSync(temporary);
    throw cause;
  }
}

/** Brings what has been written to a file to the disk; none need be there. */
export function flushFile(path: string): void {
  let file: number;
  try {
    file = openSync(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw cannotWrite(path, error);
  }
  try {
    fsyncSync(file);
  } catch (cause) {
    throw cannotWrite(path, cause);
  } finally {
    closeSync(file);
  }
}

/** The error of a file that could not be written: names it, and what to do about a full disk. */
export function cannotWrite(path: string, cause: unknown): Error {
  const remedy = isDiskFull(cause) ? "; make room there, then the same command goes on" : "";
  return new Error(`cannot write ${path}: ${(cause as Error).message}${remedy}`, { cause });
}

/** Whether an error, or what caused it, is that there is no room. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT" || isDiskFull(error.cause);
}

/** Whether a name is that of a file which {@link writeFileAtomic} has not finished. */
export function isTemporary(name: string): boolean {
  return /^.+\.\d+\.tmp$/.test(name);
}

/** Removes what killed processes left of their writing in a folder, if it is there. The folder must be this process's alone. */
export function sweepTemporaries(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (isTemporary(name)) rmSync(join(folder, name), { force: true });
  }
}

/** The same for one file of a folder that others write into: what processes left that run no more on this machine. */
export function sweepTemporariesOf(path: string): void {
  const folder = dirname(path);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!isTemporary(name) || !name.startsWith(`${basename(path)}.`)) continue;
    if (!isRunning(Number(name.split(".").at(-2)))) rmSync(join(folder, name), { force: true });
  }
}
