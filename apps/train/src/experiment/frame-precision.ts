import { join } from "node:path";
import { printable } from "checked-text";
import { type PrecisionOptions, resampledPrecision } from "kitti-eval";
import { type KittiObject, parseLabels } from "kitti-io";
import type { DataSource } from "../frames/data-source.js";
import { describeLeftOut, eachFrame, type LeftOut, readingFrame } from "../frames/frame-fault.js";
import { evaluateTrained } from "../inference/evaluate-run.js";
import { readEvaluation } from "../runs/run-records.js";
import { stepsOf } from "../runs/run-request.js";
import { randomStream } from "../system/random.js";
import { FILE_USES, readText } from "../system/read-file.js";
import type { StopWish } from "../system/stop-signal.js";
import type { PlannedRun } from "./planned-run.js";

/** The primary endpoint's number. */
const CAR: PrecisionOptions = { class: "car", level: "moderate", metric: "3d" };
/** What the frames of a run's evaluation are called. */
const SPLIT = "val";

/** Frames that runs are evaluated on, with what is to be found in them. */
export interface LabelledFrames {
  readonly data: DataSource;
  readonly frames: readonly string[];
  /** of each frame */
  readonly labels: readonly (readonly KittiObject[])[];
}

/**
 * Those whose data are at fault are left out, with a line for each, as they are where runs are evaluated.
 * @throws Error naming a frame without KITTI's labels; if all are left out
 */
export async function readLabelledFrames(data: DataSource, frames: readonly string[]): Promise<LabelledFrames> {
  const labels = new Map<string, readonly KittiObject[]>();
  const read = async (id: string) => {
    const { kittiLabels } = await readingFrame(() => data.read(id));
    if (kittiLabels === undefined) throw new Error(`frame ${id}: expected KITTI's labels, got none`);
    labels.set(id, kittiLabels);
  };
  const onFault = (frame: LeftOut) => process.stderr.write(`${printable(describeLeftOut(frame))}\n`);
  await eachFrame(frames, read, { onFault });
  return { data, frames: [...labels.keys()], labels: [...labels.values()] };
}

/**
 * Car 3D AP (moderate, R40, %) of a finished run's last weights, for any multiset of the frames. What it finds is kept in the run's
 * folder, as `eloss eval --weights last` does it.
 * @returns a function of how often each frame counts; `undefined` if it was asked to stop
 */
export async function carPrecision(
  { folder, request }: PlannedRun,
  { data, frames, labels }: LabelledFrames,
  stop: StopWish,
): Promise<((counts: ArrayLike<number>) => number) | undefined> {
  const before = readEvaluation(folder);
  const isMade =
    before?.split === SPLIT &&
    before.weights === "last" &&
    before.step === stepsOf(request) &&
    before.ids.join() === frames.join();
  if (!isMade) {
    const { precision } = request.recipe;
    const job = { data, split: SPLIT, frames, weights: "last", precision, stop } as const;
    if ((await evaluateTrained(folder, job)) === undefined) return undefined;
  }
  const found = frames.map((id) => {
    const path = join(folder.predictions(SPLIT), `${id}.txt`);
    return parseLabels(readText(path, FILE_USES.result), path, { classes: "any", score: "required" });
  });
  const precision = resampledPrecision(labels, found, CAR);
  return (counts) => precision(counts).r40;
}

/** How often each of some frames is drawn when as many are drawn with replacement; the same for every run. */
export function drawFrames(count: number, draw: number): Uint16Array {
  return drawnCounts(count, randomStream(draw, "frames of a draw"));
}

/** How often each of `count` things is drawn, of as many draws with replacement. */
export function drawnCounts(count: number, rng: () => number): Uint16Array {
  const counts = new Uint16Array(count);
  for (let i = 0; i < count; i++) counts[Math.floor(rng() * count)] += 1;
  return counts;
}
