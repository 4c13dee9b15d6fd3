import { availableParallelism } from "node:os";
import { trainingFolder } from "../frames/frame-split.js";
import { formatDuration, startProgress } from "../system/progress.js";
import type { FrameRecord } from "./frame-record.js";
import { changeIn } from "./freshness.js";
import { type DataIndex, elsewhereNote, indexPath, preparedFolder, readIndex } from "./index-file.js";
import { prepareData } from "./prepare-data.js";

/** Frames that may be trained on, and where their objects are. */
export interface TrainingData {
  readonly frames: readonly string[];
  /** holds the index and the database */
  readonly prepared: string;
  /** frames left out: `id: what is wrong` */
  readonly faults: readonly string[];
}

/**
 * The frames that training may use, checked against the index; where the index lacks some, they are examined first, with
 * progress on standard error.
 * @throws Error if frames have changed since they were examined, or none is usable: with the command to run
 */
export async function openTrainingData(
  data: string,
  frames: readonly string[],
  { cache, signal }: { readonly cache?: string; readonly signal?: AbortSignal } = {},
): Promise<TrainingData> {
  const prepared = preparedFolder(data, cache);
  const before = readIndex(prepared);
  const command = `eloss prepare ${data}${cache === undefined ? "" : ` --cache ${cache}`}`;
  if (before) refuseStale(before, { data, frames, prepared, command });
  const known = new Set(before?.frames.map(({ id }) => id));
  const missing = frames.filter((id) => !known.has(id)).length;
  const note = missing === 0 ? undefined : elsewhereNote(data, prepared, cache);
  if (note !== undefined) process.stderr.write(`${note}\n`);
  const index = missing === 0 ? before! : await prepareFirst(data, frames, { prepared, missing, signal });
  const faults = new Map(index.frames.flatMap(({ id, fault }) => (fault === undefined ? [] : [[id, fault] as const])));
  const usable = frames.filter((id) => !faults.has(id));
  if (usable.length === 0) {
    throw new Error(`--data ${data}: expected a frame without fault, got none; \`${command}\` lists the faults`);
  }
  const left = frames.filter((id) => faults.has(id));
  return { frames: usable, prepared, faults: left.map((id) => `${id}: ${faults.get(id)}`) };
}

/** Frames that are done before threads for them have started. */
const FEW = 16;

interface Wanted {
  readonly data: string;
  readonly frames: readonly string[];
  readonly prepared: string;
  /** makes the index anew */
  readonly command: string;
}

function refuseStale(index: DataIndex, { data, frames, prepared, command }: Wanted): void {
  const wanted = new Set(frames);
  const folder = trainingFolder(data);
  const changes = index.frames.flatMap((record) => {
    const change = wanted.has(record.id) ? changeIn(folder, record) : undefined;
    return change === undefined ? [] : [change];
  });
  if (changes.length === 0) return;
  throw new Error(
    `${indexPath(prepared)}: ${changes.length} of ${wanted.size} frames have changed since it was made, or it belongs to ` +
      `other data (first: ${changes[0]}); run \`${command}\``,
  );
}

async function prepareFirst(
  data: string,
  frames: readonly string[],
  { prepared, missing, signal }: { prepared: string; missing: number; signal?: AbortSignal },
): Promise<DataIndex> {
  const started = performance.now();
  process.stderr.write(`${missing} of ${frames.length} frames are not in ${indexPath(prepared)} yet: examining them\n`);
  const progress = startProgress("prepare", frames.length, frames.length - missing);
  try {
    let told = frames.length - missing;
    const onFrame = ({ done, record }: { done: number; record: FrameRecord }) => {
      for (; told < done; told++) progress.advance(record.fault ? `${record.id}: ${record.fault}` : record.id);
    };
    const { index } = await prepareData({
      data,
      frames,
      folder: prepared,
      workers: missing < FEW ? 0 : availableParallelism(),
      onFrame,
      signal,
    });
    process.stderr.write(`examined in ${formatDuration(performance.now() - started)}\n`);
    return index;
  } finally {
    progress.stop();
  }
}
