import { availableParallelism } from "node:os";
import { printable } from "checked-text";
import type { DataSource } from "../frames/data-source.js";
import { doubtLines } from "../frames/frame-doubts.js";
import { describeLeftOut, type LeftOut, leftOutOf, readingFrame, strictFault } from "../frames/frame-fault.js";
import { dismissDeadOwner, ownFolder } from "../system/folder-owner.js";
import { formatDuration, startProgress } from "../system/progress.js";
import { letSignalsIn, type StopSignal } from "../system/stop-signal.js";
import type { FrameRecord } from "./frame-record.js";
import { changeIn } from "./freshness.js";
import { type DataIndex, elsewhereNote, indexFolderOf, indexPath } from "./index-file.js";
import { completeIndex, leftovers, sweepLeftovers } from "./index-folder.js";
import { sumOf } from "./object-counts.js";
import { prepareData } from "./prepare-data.js";

/** Frames that may be trained on, and where their objects are. */
export interface TrainingData {
  readonly frames: readonly string[];
  /** where the index and the database are */
  readonly indexFolder: string;
  /** frames that may not */
  readonly leftOut: readonly LeftOut[];
  /** labelled objects of those that may be trained on, by class */
  readonly objects: Readonly<Record<string, number>>;
}

/** Where the index is, and how strictly to read it. */
export interface TrainingDataOptions {
  readonly cache?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** a frame whose data are at fault is an error */
  readonly strict?: boolean | undefined;
  /** the detector has a camera: a frame without an image that can be read is at fault */
  readonly camera?: boolean | undefined;
}

/**
 * The frames that training may use, checked against the index; where the index lacks some, they are examined first, with
 * progress on standard error.
 * @throws Error if frames have changed since they were examined, or none is usable: with the command to run; with `strict` naming the
 *   first that is not
 */
export async function openTrainingData(
  data: DataSource,
  frames: readonly string[],
  { cache, signal, strict = false, camera = false }: TrainingDataOptions = {},
): Promise<TrainingData> {
  data.requireLabels();
  const indexFolder = indexFolderOf(data.root, cache, data.options.reading);
  const before = completeIndex(indexFolder);
  const command = `eloss prepare ${data.root}${cache === undefined ? "" : ` --cache ${cache}`}`;
  if (before) refuseStale(before, { data, frames, indexFolder, command });
  const known = new Set(before?.frames.map(({ id }) => id));
  const missing = frames.filter((id) => !known.has(id)).length;
  if (before && missing === 0) tidy(indexFolder, before);
  const note = missing === 0 ? undefined : elsewhereNote(data.root, indexFolder, cache);
  if (note !== undefined) process.stderr.write(`${note}\n`);
  const index = missing === 0 ? before! : await prepareFirst(data, frames, { indexFolder, missing, signal });
  const faults = new Map(index.frames.flatMap(({ id, fault }) => (fault === undefined ? [] : [[id, fault] as const])));
  if (camera) {
    const rest = frames.filter((id) => !faults.has(id));
    for (const { id, fault } of await imageFaults(data, rest, signal)) faults.set(id, fault);
  }
  const leftOut = frames.flatMap((id) => (faults.has(id) ? [{ id, fault: faults.get(id)! }] : []));
  if (strict && leftOut.length > 0) throw new Error(strictFault(leftOut[0]));
  for (const frame of leftOut) process.stderr.write(`${printable(describeLeftOut(frame))}\n`);
  const usable = frames.filter((id) => !faults.has(id));
  if (usable.length === 0) {
    const first = describeLeftOut(leftOut[0]);
    throw new Error(
      `--data ${data.root}: expected a frame without fault, got none (${first}); \`${command}\` examines them`,
    );
  }
  const trained = new Set(usable);
  const records = index.frames.filter(({ id }) => trained.has(id));
  sayHidden(data, records);
  for (const line of doubtLines(records)) process.stderr.write(`${printable(line)}\n`);
  return { frames: usable, indexFolder, leftOut, objects: sumOf(records.map(({ objects }) => objects)) };
}

/** The same for a command that listens for signals. @returns undefined if it was asked to stop meanwhile */
export async function openTrainingDataUntil(
  stop: StopSignal,
  data: DataSource,
  { frames, ...options }: Omit<TrainingDataOptions, "signal"> & { readonly frames: readonly string[] },
): Promise<TrainingData | undefined> {
  try {
    return await openTrainingData(data, frames, { ...options, signal: stop.signal });
  } catch (error) {
    if (stop.requested) return undefined;
    throw error;
  }
}

/** Reads the image of every frame, which takes a small part of an epoch: what is wrong with them is known before training begins. */
async function imageFaults(data: DataSource, ids: readonly string[], signal?: AbortSignal): Promise<LeftOut[]> {
  const progress = startProgress("images", ids.length);
  const found: LeftOut[] = [];
  try {
    for (const id of ids) {
      await letSignalsIn();
      signal?.throwIfAborted();
      const frame = await leftOutOf(id, () => readingFrame(async () => void (await data.readImage(id))));
      if (frame !== undefined) found.push(frame);
      progress.advance(id);
    }
  } finally {
    progress.stop();
  }
  return found;
}

/** @throws Error if the camera sees nothing of any object, although the scans do */
function sayHidden({ root }: DataSource, records: readonly FrameRecord[]): void {
  const all = records.reduce((sum, { objects }) => sum + Object.values(objects).reduce((a, b) => a + b, 0), 0);
  const hidden = records.reduce((sum, record) => sum + (record.hidden ?? 0), 0);
  if (hidden === 0) return;
  const advice = "`view: full` in the recipe's `data` takes the whole scan";
  const where = "have points in the scan, but none that the camera sees";
  if (hidden === all) throw new Error(`--data ${root}: all ${all} labelled objects ${where}; ${advice}`);
  process.stderr.write(`${hidden} of ${all} labelled objects ${where}: they are left out (${advice})\n`);
}

/** Frames that are done before threads for them have started. */
const FEW = 16;

interface Wanted {
  readonly data: DataSource;
  readonly frames: readonly string[];
  readonly indexFolder: string;
  /** makes the index anew */
  readonly command: string;
}

function refuseStale(index: DataIndex, { data, frames, indexFolder, command }: Wanted): void {
  const wanted = new Set(frames);
  const changes = index.frames.flatMap((record) => {
    const change = wanted.has(record.id) ? changeIn(data, record) : undefined;
    return change === undefined ? [] : [change];
  });
  if (changes.length === 0) return;
  throw new Error(
    `${indexPath(indexFolder)}: ${changes.length} of ${wanted.size} frames ${changes.length === 1 ? "has" : "have"} changed since it was made, or it belongs to ` +
      `other data (first: ${changes[0]}); run \`${command}\``,
  );
}

/** Sweeps what a killed process left beside a whole index; where somebody is at work or nobody may write, it stays. */
function tidy(folder: string, index: DataIndex): void {
  if (leftovers(folder, index).length === 0) {
    dismissDeadOwner(folder);
    return;
  }
  try {
    const { release } = ownFolder(folder);
    sweepLeftovers(folder, index);
    release();
  } catch {}
}

async function prepareFirst(
  data: DataSource,
  frames: readonly string[],
  { indexFolder, missing, signal }: { indexFolder: string; missing: number; signal?: AbortSignal | undefined },
): Promise<DataIndex> {
  const started = performance.now();
  process.stderr.write(
    `${missing} of ${frames.length} frames are not in ${indexPath(indexFolder)} yet: examining them\n`,
  );
  const progress = startProgress("prepare", frames.length, frames.length - missing);
  let told = frames.length - missing;
  const onFrame = ({ done, record }: { done: number; record: FrameRecord }) => {
    for (; told < done; told++) progress.advance(record.fault ? `${record.id}: ${record.fault}` : record.id);
  };
  const preparing = prepareData({
    data,
    frames,
    folder: indexFolder,
    workers: missing < FEW ? 0 : availableParallelism(),
    onFrame,
    onWait: (who) => progress.mention(`waiting for the index: ${who}`),
    signal,
  });
  const { index } = await preparing.finally(progress.stop);
  process.stderr.write(`examined in ${formatDuration(performance.now() - started)}\n`);
  return index;
}
