import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { hasFrame, holdsFrame, sweepUnfinished, writeWhole } from "./frame-files.js";
import runFrameTask, { type FrameTask } from "./frame-task.js";
import { MAX_FRAMES, MAX_WORKERS } from "./limits.js";
import { claimFolder } from "./manifest.js";
import type { ObserveOptions } from "./observe-scene.js";
import type { BeamCount } from "./sensor.js";
import { checkFrameOptions, simulateFrame } from "./simulate-frame.js";

/** How far a dataset is. */
export interface DatasetProgress {
  /** frames that are there */
  readonly done: number;
  readonly total: number;
  /** frames that were there before */
  readonly kept: number;
}

export interface DatasetOptions extends Pick<ObserveOptions, "field" | "labels" | "panes"> {
  /** frames to train on: 000000 and up; a whole number >= 0, with those to validate on a million at most */
  readonly train: number;
  /** frames to validate on, after those; a whole number >= 0 */
  readonly val: number;
  /** Default 0. */
  readonly seed?: number;
  /** of the LiDAR; several take turns, frame by frame. Default 64. */
  readonly beams?: BeamCount | readonly BeamCount[];
  /** threads that make frames, 256 at most; 0 = the calling one. No effect on the files. Default: as many as the machine has cores. */
  readonly workers?: number;
  /** called before the first frame is made and after each */
  readonly onFrame?: (progress: DatasetProgress) => void;
  /** ends the work after the frames that are being made */
  readonly signal?: AbortSignal;
}

/**
 * Writes a dataset in KITTI's layout: `training/` with velodyne, image_2, calib and label_2, and `ImageSets/` train, val
 * and trainval. The same options give the same bytes for any number of workers. Each file appears whole or not at all;
 * called again, frames that are there are kept, after the first of them has been made anew and compared.
 * @param root a new folder, an empty one, or one that an earlier call with the same options has begun
 * @returns how many frames were written and how many kept
 * @throws RangeError for an option out of range; Error if the folder holds other data or cannot be written; the signal's
 *   reason if it stopped the work
 */
export async function writeSimulatedDataset(
  root: string,
  { workers = availableParallelism(), onFrame, signal, ...options }: DatasetOptions,
): Promise<{ written: number; kept: number }> {
  const { train, val, seed = 0, field = "full", labels = "camera", panes = "clear" } = options;
  const beams = [options.beams ?? 64].flat();
  if (beams.length === 0) throw new RangeError("writeSimulatedDataset: expected a sensor for beams, got none");
  for (const count of beams) {
    checkFrameOptions("writeSimulatedDataset", { seed, frame: 0, field, labels, panes, beams: count });
  }
  const most = { train: MAX_FRAMES, val: MAX_FRAMES - train, workers: MAX_WORKERS };
  for (const [name, value] of Object.entries({ train, val, workers })) {
    const upTo = most[name as keyof typeof most];
    if (!Number.isSafeInteger(value) || value < 0 || value > upTo) {
      throw new RangeError(
        `writeSimulatedDataset: expected a whole number from 0 to ${upTo} for ${name}, got ${value}`,
      );
    }
  }
  signal?.throwIfAborted();
  await claimFolder(root, { seed, train, val, field, labels, beams, panes });
  await sweepUnfinished(root);
  const total = train + val;
  const tasks = Array.from({ length: total }, (_, frame) => ({
    ...{ root, id: frameId(frame), seed, frame, field, labels, panes },
    beams: beams[frame % beams.length],
  }));
  const kept = tasks.filter(({ id }) => hasFrame(root, id));
  if (kept.length > 0) await checkKept(kept[0]);
  let done = kept.length;
  const report = () => onFrame?.({ done, total, kept: kept.length });
  report();
  const missing = tasks.filter((task) => !kept.includes(task));
  await runTasks(missing, {
    workers,
    signal,
    onDone() {
      done += 1;
      report();
    },
  });
  const ids = tasks.map(({ id }) => id);
  for (const [name, members] of [
    ["train", ids.slice(0, train)],
    ["val", ids.slice(train)],
    ["trainval", ids],
  ] as const) {
    await writeWhole(join(root, "ImageSets", `${name}.txt`), members.map((id) => `${id}\n`).join(""));
  }
  return { written: missing.length, kept: kept.length };
}

function frameId(frame: number): string {
  return String(frame).padStart(6, "0");
}

/** Another version of this package may make other frames of the same seed: they must not be mixed. */
async function checkKept({ root, id, ...options }: FrameTask): Promise<void> {
  if (await holdsFrame(root, id, simulateFrame(options))) return;
  throw new Error(
    `writeSimulatedDataset: expected frame ${id} in ${root} as seed ${options.seed} makes it, got other bytes: another ` +
      "version made it, or it was changed; delete the folder or choose another one",
  );
}

interface RunOptions {
  readonly workers: number;
  readonly signal?: AbortSignal;
  readonly onDone: () => void;
}

/** Makes frames, several at a time. A wish to stop is heard between frames. */
async function runTasks(tasks: readonly FrameTask[], { workers, signal, onDone }: RunOptions): Promise<void> {
  const lanes = Math.min(workers, tasks.length);
  const pool = lanes === 0 ? undefined : new Piscina({ filename: workerFile(), minThreads: lanes, maxThreads: lanes });
  const queue = tasks.values();
  let failed = false;
  const work = async () => {
    for (const task of queue) {
      if (failed || signal?.aborted) return;
      try {
        await (pool === undefined ? runFrameTask(task) : pool.run(task));
      } catch (error) {
        failed = true;
        throw error;
      }
      onDone();
    }
  };
  try {
    const ends = await Promise.allSettled(Array.from({ length: Math.max(1, lanes) }, work));
    const failure = ends.find((end) => end.status === "rejected");
    if (failure !== undefined) throw failure.reason;
    signal?.throwIfAborted();
  } finally {
    await pool?.destroy();
  }
}

/** The built code of a thread: beside this bundle, or in dist/ when this runs from source. */
function workerFile(): string {
  const beside = fileURLToPath(new URL("./frame-task.js", import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL("../dist/frame-task.js", import.meta.url));
}
