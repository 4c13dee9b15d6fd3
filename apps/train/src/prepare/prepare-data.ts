import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { parseSafetensorsMetadata } from "second-detector";
import type { DataSource } from "../frames/data-source.js";
import { fileNameOf } from "../frames/frame.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { type Examined, examineFrame } from "./examine-frame.js";
import { type FrameRecord, frameRecordSchema } from "./frame-record.js";
import { changeIn, refreshed } from "./freshness.js";
import { hashOf } from "./hash.js";
import { type DataIndex, INDEX_VERSION, indexPath, readIndex } from "./index-file.js";
import { encodeTable, NO_OBJECTS, type ObjectRow, parseTable, rowsOf, tableOf } from "./object-table.js";

/** What to prepare, and where to put it. */
export interface PrepareRequest {
  readonly data: DataSource;
  readonly frames: readonly string[];
  /** of the index and the database */
  readonly folder: string;
  /** threads, which open the data by their root; 0: the calling one. No effect on the files */
  readonly workers: number;
  /** told after each frame; `done` counts those that were there */
  readonly onFrame?: (progress: { done: number; total: number; record: FrameRecord }) => void;
  /** ends the work after the frames at hand */
  readonly signal?: AbortSignal;
}

/** What came of it. */
export interface Prepared {
  readonly index: DataIndex;
  /** frames examined now, and those that an earlier call had examined and that are still the same */
  readonly examined: number;
  readonly kept: number;
}

/**
 * Examines frames and writes `index.json` and the database of their objects. Frames that the index knows and that have not
 * changed are kept; a call that was interrupted left what it had finished in `parts/`, and the next one takes that over.
 * The same data give the same bytes, for any number of threads and interruptions.
 * @throws Error if the folder holds an index that cannot be read; the signal's reason if it ended the work
 */
export async function prepareData({
  data,
  frames,
  folder,
  workers,
  onFrame,
  signal,
}: PrepareRequest): Promise<Prepared> {
  const known = readPrepared(folder);
  const parts = join(folder, "parts");
  const results = new Map<string, Known>();
  const there = new Set(data.ids);
  let touched = 0;
  for (const { record, rows } of [...known, ...readParts(parts)]) {
    if (!there.has(record.id) || changeIn(data, record) !== undefined) continue;
    const now = refreshed(data, record);
    if (now !== record) touched++;
    results.set(record.id, { record: now, rows });
  }
  const wanted = [...new Set(frames)].sort();
  const missing = wanted.filter((id) => !results.has(id));
  const total = wanted.length;
  let done = total - missing.length;
  const kept = done;
  await examineAll(missing, { data, workers, signal }, ({ record, objects }) => {
    writeFileAtomic(
      join(parts, `${fileNameOf(record.id)}.safetensors`),
      encodeTable(objects, JSON.stringify({ version: INDEX_VERSION, record })),
    );
    results.set(record.id, { record, rows: rowsOf(objects) });
    onFrame?.({ done: ++done, total, record });
  });
  signal?.throwIfAborted();
  const same = missing.length === 0 && touched === 0 && known.length === results.size;
  const index = same ? readIndex(folder) : undefined;
  return { index: index ?? writePrepared(folder, [...results.values()]), examined: missing.length, kept };
}

type Known = { readonly record: FrameRecord; readonly rows: readonly ObjectRow[] };

/** Frames of a finished call. */
function readPrepared(folder: string): Known[] {
  const index = readIndex(folder);
  if (index === undefined) return [];
  const rows = new Map<string, ObjectRow[]>(index.frames.map(({ id }) => [id, []]));
  for (const row of readObjects(folder, index)) rows.get(row.id)?.push(row);
  return index.frames.map((record) => ({ record, rows: rows.get(record.id)! }));
}

/**
 * The objects of an index.
 * @throws Error if the database is not the one that belongs to it
 */
export function readObjects(folder: string, { objects }: DataIndex): ObjectRow[] {
  const path = join(folder, objects.file);
  const remedy = `delete ${folder} and run \`eloss prepare\` again`;
  if (!existsSync(path)) throw new Error(`${path}: expected the objects that ${indexPath(folder)} names; ${remedy}`);
  const bytes = readFileSync(path);
  if (hashOf(bytes) !== objects.sha256)
    throw new Error(`${path}: other contents than ${indexPath(folder)} says; ${remedy}`);
  return rowsOf(parseTable(bytes, path));
}

/** Frames of an interrupted call; a part that cannot be read is made again. */
function readParts(parts: string): Known[] {
  if (!existsSync(parts)) return [];
  return readdirSync(parts).flatMap((name) => {
    const path = join(parts, name);
    try {
      const bytes = readFileSync(path);
      const note = JSON.parse(parseSafetensorsMetadata(bytes, path).get("note") ?? "");
      if (note.version !== INDEX_VERSION) return [];
      const record = frameRecordSchema.parse(note.record);
      return [{ record, rows: rowsOf(parseTable(bytes, path)) }];
    } catch {
      return [];
    }
  });
}

async function examineAll(
  ids: readonly string[],
  { data, workers, signal }: Pick<PrepareRequest, "data" | "workers" | "signal">,
  onExamined: (examined: Examined) => void,
): Promise<void> {
  if (workers === 0 || ids.length === 0) {
    for (const id of ids) {
      signal?.throwIfAborted();
      onExamined(await examineFrame(data, id));
    }
    return;
  }
  const pool = new Piscina({
    filename: workerFile(),
    maxThreads: workers,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
  });
  try {
    let next = 0;
    const one = async (): Promise<void> => {
      while (next < ids.length && !signal?.aborted) {
        onExamined((await pool.run({ root: data.root, id: ids[next++] })) as Examined);
      }
    };
    await Promise.all(Array.from({ length: workers }, one));
  } finally {
    await pool.destroy();
  }
}

/** Database first, under a name of its own, then the index that names it: a reader finds both or neither. */
function writePrepared(folder: string, results: readonly Known[]): DataIndex {
  mkdirSync(folder, { recursive: true });
  const sorted = [...results].sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
  const rows = sorted.flatMap((result) => result.rows);
  const bytes = encodeTable(rows.length === 0 ? NO_OBJECTS : tableOf(rows), `objects of ${sorted.length} frames`);
  const sha256 = hashOf(bytes);
  const objects = { file: `objects-${sha256.slice(0, 16)}.safetensors`, sha256, count: rows.length };
  const index: DataIndex = { version: INDEX_VERSION, frames: sorted.map(({ record }) => record), objects };
  writeFileAtomic(join(folder, objects.file), bytes);
  writeFileAtomic(indexPath(folder), `${JSON.stringify(index)}\n`);
  for (const name of readdirSync(folder)) {
    if (/^objects-[0-9a-f]{16}\.safetensors$/.test(name) && name !== objects.file) rmSync(join(folder, name));
  }
  rmSync(join(folder, "parts"), { recursive: true, force: true });
  return index;
}

/** The built code of the thread: beside this bundle, or in dist/ when this runs from source. */
function workerFile(): string {
  const beside = fileURLToPath(new URL("./examine-worker.js", import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL("../../dist/examine-worker.js", import.meta.url));
}
