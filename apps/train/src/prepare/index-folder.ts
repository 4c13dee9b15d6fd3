import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseSafetensorsMetadata } from "second-detector";
import { fileNameOf } from "../frames/frame.js";
import { isTemporary, writeFileAtomic } from "../system/atomic-write.js";
import { isBystander } from "../system/bystander.js";
import { OWNER_FILE } from "../system/folder-owner.js";
import { MOST_BYTES, readBytes } from "../system/read-file.js";
import type { Examined } from "./examine-frame.js";
import { type FrameRecord, frameRecordSchema } from "./frame-record.js";
import { hashOf } from "./hash.js";
import { type DataIndex, INDEX_VERSION, indexPath, readIndex } from "./index-file.js";
import { encodeTable, NO_OBJECTS, type ObjectRow, parseTable, rowsOf, tableOf } from "./object-table.js";

// The folder of an index holds `index.json`, the database of objects that it names and, while they are being made, `parts/`
// with a file for each frame that has been examined.

/** What a database or a part of one is read as. */
const OBJECTS = { what: "a table of objects", most: MOST_BYTES.tensors };

/** What is known of a frame. */
export interface PreparedFrame {
  readonly record: FrameRecord;
  readonly rows: readonly ObjectRow[];
}

/** An index whose database is there; undefined where there is none. @throws as {@link readIndex} */
export function completeIndex(folder: string): DataIndex | undefined {
  const index = readIndex(folder);
  return index !== undefined && existsSync(join(folder, index.objects.file)) ? index : undefined;
}

/**
 * An index and its objects; undefined where one of them is not there.
 * @throws Error if one cannot be read, or the database is not the one that belongs to the index
 */
export function readIndexedObjects(
  folder: string,
): { readonly index: DataIndex; readonly rows: readonly ObjectRow[] } | undefined {
  let index = readIndex(folder);
  while (index !== undefined && !existsSync(join(folder, index.objects.file))) {
    // Another process may have put a new index in place between the two looks.
    const now = readIndex(folder);
    if (now?.objects.file === index.objects.file) return undefined;
    index = now;
  }
  if (index === undefined) return undefined;
  const path = join(folder, index.objects.file);
  const bytes = readBytes(path, OBJECTS);
  if (hashOf(bytes) !== index.objects.sha256) {
    const remedy = `delete ${folder} and run \`eloss prepare\` again`;
    throw new Error(`${path}: other contents than ${indexPath(folder)} says; ${remedy}`);
  }
  return { index, rows: rowsOf(parseTable(bytes, path)) };
}

/**
 * Whether a folder may be written into.
 * @throws Error naming what others made, in a folder that holds no index
 */
export function refuseForeignFolder(folder: string): void {
  if (!existsSync(folder) || existsSync(indexPath(folder))) return;
  const isOwn = (name: string) =>
    name.startsWith(OWNER_FILE) ||
    isTemporary(name) ||
    isBystander(name) ||
    isPart(name) ||
    /^reading-[0-9a-f]{12}$/.test(name);
  const found = readdirSync(folder).find((name) => !isOwn(name));
  if (found === undefined) return;
  throw new Error(
    `--cache ${folder}: expected a new or empty folder, or one with an index, found ${found}; choose another`,
  );
}

/** Frames of a finished call. @throws as {@link readIndexedObjects} */
export function readPrepared(folder: string): PreparedFrame[] {
  const found = readIndexedObjects(folder);
  if (found === undefined) return [];
  const rowsOfFrame = new Map<string, ObjectRow[]>(found.index.frames.map(({ id }) => [id, []]));
  for (const row of found.rows) rowsOfFrame.get(row.id)?.push(row);
  return found.index.frames.map((record) => ({ record, rows: rowsOfFrame.get(record.id)! }));
}

/** Keeps what was found of one frame until all are done. */
export function writePart(folder: string, { record, objects }: Examined): void {
  const path = join(partsFolder(folder), `${fileNameOf(record.id)}.safetensors`);
  writeFileAtomic(path, encodeTable(objects, JSON.stringify({ version: INDEX_VERSION, record })));
}

/** Frames of an interrupted call; a part that cannot be read is made again. */
export function readParts(folder: string): PreparedFrame[] {
  const parts = partsFolder(folder);
  if (!existsSync(parts)) return [];
  return readdirSync(parts).flatMap((name) => {
    const path = join(parts, name);
    try {
      const bytes = readBytes(path, OBJECTS);
      const note = JSON.parse(parseSafetensorsMetadata(bytes, path).get("note") ?? "");
      if (note.version !== INDEX_VERSION) return [];
      const record = frameRecordSchema.parse(note.record);
      return [{ record, rows: rowsOf(parseTable(bytes, path)) }];
    } catch {
      return [];
    }
  });
}

/** Database first, under a name of its own, then the index that names it: a reader finds both or neither. */
export function writePrepared(folder: string, frames: readonly PreparedFrame[]): DataIndex {
  const sorted = [...frames].sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
  const rows = sorted.flatMap((frame) => frame.rows);
  const bytes = encodeTable(rows.length === 0 ? NO_OBJECTS : tableOf(rows), `objects of ${sorted.length} frames`);
  const sha256 = hashOf(bytes);
  const objects = { file: `objects-${sha256.slice(0, 16)}.safetensors`, sha256, count: rows.length };
  const index: DataIndex = { version: INDEX_VERSION, frames: sorted.map(({ record }) => record), objects };
  writeFileAtomic(join(folder, objects.file), bytes);
  writeFileAtomic(indexPath(folder), `${JSON.stringify(index)}\n`);
  return index;
}

/** What earlier calls left that the index does not need: parts, another database, unfinished files. */
export function leftovers(folder: string, index: DataIndex): string[] {
  const isLeft = (name: string) => isTemporary(name) || (isPart(name) && name !== index.objects.file);
  return readdirSync(folder)
    .filter(isLeft)
    .map((name) => join(folder, name));
}

/** Removes {@link leftovers}. The folder must be this process's alone. */
export function sweepLeftovers(folder: string, index: DataIndex): void {
  for (const path of leftovers(folder, index)) rmSync(path, { recursive: true, force: true });
}

const PARTS = "parts";

/** Whether a name is that of the unfinished index or of a database. */
function isPart(name: string): boolean {
  return name === PARTS || /^objects-[0-9a-f]{16}\.safetensors$/.test(name);
}

function partsFolder(folder: string): string {
  return join(folder, PARTS);
}
