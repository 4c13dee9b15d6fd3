import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Writes a file so that a reader sees the old one or the new one and never a part, after a power cut too: temporary name, to
 * the disk, then rename.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, content, { flush: true });
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new Error(`cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Removes what killed processes left of their writing in a folder. The folder must be this process's alone. */
export function sweepTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (/^.+\.\d+\.tmp$/.test(name)) rmSync(join(folder, name), { force: true });
  }
}
