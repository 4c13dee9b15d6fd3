import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/**
 * Bytes of each kind of file at most, far beyond any real one: a longer file is refused by its size, before it takes the
 * memory. Node reads no more than 2 GiB at once.
 */
export const MOST_BYTES = {
  recipe: 2 ** 18,
  frameList: 2 ** 24,
  manifest: 2 ** 16,
  index: 2 ** 28,
  tensors: 2 ** 31 - 1,
} as const;

/** What the files of a run are read as. */
export const FILE_USES = {
  recipe: { what: "a recipe", most: MOST_BYTES.recipe },
  checkpoint: { what: "a checkpoint", most: MOST_BYTES.tensors },
  settings: { what: "what a run was asked for", most: MOST_BYTES.index },
  evaluation: { what: "an evaluation", most: MOST_BYTES.index },
  result: { what: "what was found in a frame", most: MOST_BYTES.index },
  results: { what: "an experiment's results", most: MOST_BYTES.index },
} as const;

/** What a file is read as. */
export interface FileUse {
  /** such as "a recipe", for the error */
  readonly what: string;
  /** the longest that it may be, in bytes */
  readonly most: number;
}

/**
 * Reads a whole regular file.
 * @throws Error naming the file, what it was wanted for and why it cannot be read, or that it is too long
 */
export function readBytes(path: string, { what, most }: FileUse): Buffer {
  try {
    // Without waiting: nobody may ever write to the other end of a pipe.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readOpened(file, path, { what, most });
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new Error(`${path}: expected to read ${what}, got ${REASONS[code] ?? message}`, { cause });
  }
}

/** The text of a file. @throws Error as {@link readBytes} */
export function readText(path: string, use: FileUse): string {
  return readBytes(path, use).toString("utf8");
}

function readOpened(file: number, path: string, { what, most }: FileUse): Buffer {
  const stat = fstatSync(file);
  if (!stat.isFile()) throw new Error(`${path}: expected a regular file for ${what}, got something else`);
  if (stat.size > most) throw new Error(`${path}: expected at most ${most} bytes for ${what}, got ${stat.size}`);
  const bytes = Buffer.allocUnsafe(stat.size);
  let length = 0;
  while (length < bytes.length) {
    const read = readSync(file, bytes, length, bytes.length - length, length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  ENOTDIR: "a path through something that is no folder",
  EISDIR: "a folder",
  EACCES: "permission denied",
};
