import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";

/** Where in a text file something is wrong, as errors say it: `path:3`, or `line 3` of a text without a path. */
export function atLine(path: string | undefined, line: number): string {
  return path === undefined ? `line ${line}` : `${path}:${line}`;
}

/**
 * Reads a whole regular file that may be at most `maxBytes` long.
 * @param caller name of the public function, for the error
 * @param what what the file was wanted for, such as "the calibration"
 * @param limit stop after so many bytes
 * @throws Error if it cannot be read, is no regular file or is too long
 */
export async function readWhole(
  path: string,
  caller: string,
  what: string,
  maxBytes: number,
  limit = maxBytes,
): Promise<Uint8Array> {
  let handle: Awaited<ReturnType<typeof open>> | undefined;
  try {
    // Without waiting: nobody may ever write to the other end of a pipe.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error(`${caller}: ${path}: expected a regular file for ${what}, got something else`);
    if (stat.size > maxBytes) {
      throw new Error(`${caller}: ${path}: expected at most ${maxBytes} bytes for ${what}, got ${stat.size}`);
    }
    const bytes = new Uint8Array(Math.min(stat.size, limit));
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } catch (cause) {
    throw fileError(cause, path, caller, `expected to read ${what}`);
  } finally {
    await handle?.close();
  }
}

/**
 * Writes a whole file under a temporary name in the same folder, to the disk, then renames it: readers see the old file or
 * the new one, never a part, after a power cut too.
 * @throws Error if it cannot be written; the temporary file is then removed
 */
export async function writeWhole(
  path: string,
  content: Uint8Array | string,
  caller: string,
  what: string,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(cause, path, caller, `expected to write ${what}`);
  }
}

/** An error of the file system in the words of this package; an error that already is passes through. */
export function fileError(cause: unknown, path: string, caller: string, expected: string): Error {
  const error = cause as NodeJS.ErrnoException;
  if (error?.code === undefined) return error;
  const reason = REASONS[error.code] ?? error.message;
  return new Error(`${caller}: ${path}: ${expected}, got ${reason}`, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  ENOTDIR: "a path through something that is no folder",
  EISDIR: "a folder",
  EACCES: "permission denied",
};
