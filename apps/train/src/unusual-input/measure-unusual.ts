import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { LabelledBox } from "kitti-eval";
import { pointsInBox } from "lidar-augment";
import { type DetectorConfig, disposeWeights } from "second-detector";
import type { DataSource } from "../frames/data-source.js";
import { fileNameOf } from "../frames/frame.js";
import { readVisibleFrame, type VisibleFrame } from "../frames/visible-frame.js";
import { hashOf } from "../prepare/hash.js";
import { writeFileAtomic } from "../system/atomic-write.js";
import { startProgress } from "../system/progress.js";
import { letSignalsIn } from "../system/stop-signal.js";
import { CLEAN, type Condition } from "./conditions.js";
import { type ReadNetwork, readNetwork, readScan, type ScanReading } from "./scan-reading.js";
import type { Subject } from "./subject.js";

/** Frames and what becomes of them. */
export interface FrameSet {
  /** for files */
  readonly name: string;
  readonly data: DataSource;
  readonly frames: readonly string[];
  /** beside the clean scan */
  readonly conditions: readonly Condition[];
}

/** What a detector says of a set. */
export interface SetReadings {
  /** by condition: one reading for each frame, in order */
  readonly byCondition: ReadonlyMap<string, readonly ScanReading[]>;
  /** of each frame: what is to be found in it, of the detector's classes and in its range */
  readonly objects: readonly (readonly LabelledBox[])[];
}

export interface MeasureOptions {
  /** where readings are kept, frame by frame: what is there is not measured again */
  readonly folder: string;
  /** asks to end after the scan at hand */
  readonly signal: AbortSignal;
  /** told after each frame */
  readonly onFrame: (note: string) => void;
}

/** A detector and its readings, set by set. */
export interface MeasuredSubject {
  readonly subject: Subject;
  readonly readings: readonly SetReadings[];
}

/** What every detector says of every frame in every condition, with progress. @returns as many as were measured before it was asked to end */
export async function measureSubjects(
  subjects: readonly Subject[],
  sets: readonly FrameSet[],
  options: Omit<MeasureOptions, "onFrame">,
): Promise<MeasuredSubject[]> {
  const total = subjects.length * sets.reduce((sum, { frames }) => sum + frames.length, 0);
  const progress = startProgress("look", total);
  const measured: MeasuredSubject[] = [];
  try {
    for (const subject of subjects) {
      const readings = await measureUnusual(subject, sets, { ...options, onFrame: (note) => progress.advance(note) });
      if (readings === undefined) break;
      measured.push({ subject, readings });
    }
  } finally {
    progress.stop();
  }
  return measured;
}

/**
 * What a detector says of every frame in every condition.
 * @returns set by set; undefined if it was asked to end
 */
export async function measureUnusual(
  subject: Subject,
  sets: readonly FrameSet[],
  options: MeasureOptions,
): Promise<SetReadings[] | undefined> {
  const network = readNetwork(subject.model, subject.config, subject.entropies);
  try {
    const all: SetReadings[] = [];
    for (const set of sets) {
      const byCondition = new Map([CLEAN, ...set.conditions].map(({ name }) => [name, [] as ScanReading[]]));
      const objects: LabelledBox[][] = [];
      for (const id of set.frames) {
        const frame = await readVisibleFrame(set.data, id, subject.config);
        const readings = await measureFrame(frame, { subject, network, set, ...options });
        if (readings === undefined) return undefined;
        for (const [condition, list] of byCondition) list.push(readings[condition]);
        objects.push(objectsInRange(frame, subject.config));
        options.onFrame(`${subject.name}: ${set.name}`);
      }
      all.push({ byCondition, objects });
    }
    return all;
  } finally {
    disposeWeights(network.weights);
  }
}

interface FrameJob extends MeasureOptions {
  readonly subject: Subject;
  readonly network: ReadNetwork;
  readonly set: FrameSet;
}

type FrameReadings = Readonly<Record<string, ScanReading>>;

/** The file is whole or not there, and its key says of what detector, scan and conditions it is. */
async function measureFrame(
  frame: VisibleFrame,
  { subject, network, set, folder, signal }: FrameJob,
): Promise<FrameReadings | undefined> {
  const conditions = [CLEAN, ...set.conditions];
  const asked = JSON.stringify([subject.fingerprint, conditions.map(({ name, amount }) => [name, amount])]);
  const scan = new Uint8Array(frame.points.buffer, frame.points.byteOffset, frame.points.byteLength);
  const key = hashOf(Buffer.concat([Buffer.from(asked), scan]));
  const path = join(folder, subject.name, `${set.name}-${fileNameOf(frame.id)}.json`);
  const kept = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
  if (kept?.key === key) return kept.readings;
  const readings: Record<string, ScanReading> = {};
  for (const condition of conditions) {
    await letSignalsIn();
    if (signal.aborted) return undefined;
    readings[condition.name] = await readScan({ ...frame, points: condition.points(frame) }, network);
  }
  writeFileAtomic(path, `${JSON.stringify({ key, readings }, short)}\n`);
  return JSON.parse(JSON.stringify(readings, short)); // the same whether it was kept or not
}

/** The objects that the detector can find: of its classes, their centres in its range, with points. */
function objectsInRange(
  { points, boxes, labels }: VisibleFrame,
  { classes, pointRange }: DetectorConfig,
): LabelledBox[] {
  const [x0, y0, , x1, y1] = pointRange;
  return [...labels].flatMap((label, row) => {
    const box = boxes.subarray(7 * row, 7 * row + 7);
    if (box[0] < x0 || box[0] > x1 || box[1] < y0 || box[1] > y1) return [];
    return [{ type: classes[label].name, box, points: pointsInBox(points, box).length / 4 }];
  });
}

/** Numbers of a file at float32's precision. */
function short(_: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(8)) : value;
}
