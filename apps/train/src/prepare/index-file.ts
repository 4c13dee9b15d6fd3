import { accessSync, constants, existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { checkAs, parseJson } from "checked-text";
import { z } from "zod";
import type { DataReading } from "../frames/data-reading.js";
import { MOST_BYTES, readText } from "../system/read-file.js";
import { frameRecordSchema } from "./frame-record.js";
import { hashOf } from "./hash.js";

/** Raised when what an index or a database holds, or how, changes. */
export const INDEX_VERSION = 4;
const INDEX_NAME = "index.json";

const indexSchema = z.strictObject({
  version: z.literal(INDEX_VERSION),
  /** by id, ascending */
  frames: z.array(frameRecordSchema),
  /** the database that belongs to it */
  objects: z.strictObject({
    file: z.string().regex(/^objects-[0-9a-f]{16}\.safetensors$/),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    count: z.int().min(0),
  }),
});

/** What is known of the frames of a data set: `index.json`. */
export type DataIndex = z.infer<typeof indexSchema>;

/**
 * Where the index of a data set is: a reading that is not the usual one has a folder of its own in there. `cache` if given, else `.eloss` in the data if that can be written, else a folder of the
 * user's cache named after the data's path.
 */
export function indexFolderOf(data: string, cache?: string, reading: DataReading = {}): string {
  const folder = folderOf(data, cache);
  const text = JSON.stringify(reading);
  return text === "{}" ? folder : join(folder, `reading-${hashOf(Buffer.from(text)).slice(0, 12)}`);
}

function folderOf(data: string, cache?: string): string {
  if (cache !== undefined) return cache;
  const beside = join(data, ".eloss");
  try {
    accessSync(existsSync(beside) ? beside : data, constants.W_OK);
    return beside;
  } catch {
    const base = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
    return join(base, "eloss", hashOf(Buffer.from(resolve(data))).slice(0, 16));
  }
}

/** A word to the user where {@link indexFolderOf} had to turn to the user's cache; undefined elsewhere. */
export function elsewhereNote(data: string, folder: string, cache?: string): string | undefined {
  const beside = join(data, ".eloss");
  if (cache !== undefined || folder.startsWith(beside)) return undefined;
  return `${beside} cannot be written, so the index is kept in ${folder} (--cache names another folder)`;
}

export const indexPath = (folder: string): string => join(folder, INDEX_NAME);

/**
 * The index in a folder, undefined where there is none, or one of an earlier version: that is made anew.
 * @throws Error if it is of a later version or none at all, with what to do
 */
export function readIndex(folder: string): DataIndex | undefined {
  const path = indexPath(folder);
  if (!existsSync(path)) return undefined;
  const remedy = `delete ${folder} and run \`eloss prepare\` again`;
  const text = readText(path, { what: `the data's index (${remedy})`, most: MOST_BYTES.index });
  const value = withRemedy(remedy, () => parseJson(text, path));
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === "number" && version < INDEX_VERSION) return undefined;
  if (version !== INDEX_VERSION) {
    throw new Error(
      `${path}: expected an index of version ${INDEX_VERSION}, got ${JSON.stringify(version)}; ${remedy}`,
    );
  }
  return withRemedy(remedy, () => checkAs(value, indexSchema, path));
}

/** Adds to an error what to do. */
function withRemedy<T>(remedy: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new Error(`${(cause as Error).message}; ${remedy}`, { cause });
  }
}
