import type { DataSource } from "../frames/data-source.js";
import { dismissDeadOwner, owningFreeFolder } from "../system/folder-owner.js";
import { startThreads, type ThreadCare } from "../system/thread-pool.js";
import { type Examined, examineFrame } from "./examine-frame.js";
import type { ExamineTask } from "./examine-worker.js";
import type { FrameRecord } from "./frame-record.js";
import { changeIn, refreshed } from "./freshness.js";
import type { DataIndex } from "./index-file.js";
import {
  completeIndex,
  leftovers,
  type PreparedFrame,
  readParts,
  readPrepared,
  refuseForeignFolder,
  sweepLeftovers,
  writePart,
  writePrepared,
} from "./index-folder.js";
import { rowsOf } from "./object-table.js";

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
  /** told who is at work in the folder, if this has to wait for somebody */
  readonly onWait?: (who: string) => void;
  /** ends the work after the frames at hand */
  readonly signal?: AbortSignal | undefined;
  readonly care?: ThreadCare;
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
 * The same data give the same bytes, for any number of threads and interruptions. Where there is something to write, one process
 * at a time does; another waits, and then finds what the first one did.
 * @throws Error if the folder holds an index that cannot be read, or what others made; naming the frame, if a thread ends, is out of memory or does
 *   not answer; the signal's reason if it ended the work
 */
export async function prepareData(request: PrepareRequest): Promise<Prepared> {
  const { folder, frames, onWait = () => {}, signal } = request;
  const index = currentIndex(request);
  if (index !== undefined && leftovers(folder, index).length === 0) {
    dismissDeadOwner(folder);
    return { index, examined: 0, kept: new Set(frames).size };
  }
  refuseForeignFolder(folder);
  return owningFreeFolder(folder, { onWait, signal }, async () => {
    const prepared = await prepareOwned(request);
    sweepLeftovers(folder, prepared.index);
    return prepared;
  });
}

/** The index, if it knows the wanted frames and nothing about any of its frames has changed. */
function currentIndex({ data, frames, folder }: PrepareRequest): DataIndex | undefined {
  const index = completeIndex(folder);
  if (index === undefined) return undefined;
  const known = new Set(index.frames.map(({ id }) => id));
  const stillTrue = trueNow(data);
  const isCurrent = (record: FrameRecord) => stillTrue(record) === record;
  return frames.every((id) => known.has(id)) && index.frames.every(isCurrent) ? index : undefined;
}

/** Gives the record of a frame that has not changed, with the times that its files have now; undefined of one that has. */
function trueNow(data: DataSource): (record: FrameRecord) => FrameRecord | undefined {
  const there = new Set(data.ids);
  return (record) =>
    there.has(record.id) && changeIn(data, record) === undefined ? refreshed(data, record) : undefined;
}

async function prepareOwned(request: PrepareRequest): Promise<Prepared> {
  const { data, frames, folder, onFrame, signal } = request;
  const wanted = [...new Set(frames)].sort();
  const total = wanted.length;
  const index = currentIndex(request);
  if (index !== undefined) return { index, examined: 0, kept: total };
  const stillTrue = trueNow(data);
  const results = new Map<string, PreparedFrame>();
  for (const { record, rows } of [...readPrepared(folder), ...readParts(folder)]) {
    const now = stillTrue(record);
    if (now !== undefined) results.set(record.id, { record: now, rows });
  }
  const missing = wanted.filter((id) => !results.has(id));
  const kept = total - missing.length;
  let done = kept;
  await examineAll(missing, request, (examined) => {
    writePart(folder, examined);
    const { record, objects } = examined;
    results.set(record.id, { record, rows: rowsOf(objects) });
    onFrame?.({ done: ++done, total, record });
  });
  signal?.throwIfAborted();
  return { index: writePrepared(folder, [...results.values()]), examined: missing.length, kept };
}

async function examineAll(
  ids: readonly string[],
  { data, workers, signal, care }: Pick<PrepareRequest, "data" | "workers" | "signal" | "care">,
  onExamined: (examined: Examined) => void,
): Promise<void> {
  if (workers === 0 || ids.length === 0) {
    for (const id of ids) {
      signal?.throwIfAborted();
      onExamined(await examineFrame(data, id));
    }
    return;
  }
  const threads = Math.min(workers, ids.length);
  const pool = startThreads<ExamineTask, Examined>(
    {
      code: "examine-worker.js",
      threads,
      tasksPerThread: 1,
      subject: ({ id }) => `frame ${id}`,
      advice: "`eloss prepare` with fewer `--workers` needs less memory at once, with 0 it goes on in the main thread",
    },
    care,
  );
  try {
    let next = 0;
    const one = async (): Promise<void> => {
      while (next < ids.length && !signal?.aborted) {
        onExamined(await pool.run({ root: data.root, options: data.options, id: ids[next++] }));
      }
    };
    await Promise.all(Array.from({ length: threads }, one));
  } finally {
    await pool.close();
  }
}
