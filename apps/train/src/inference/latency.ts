import { counted } from "../system/counted.js";

/** The stages of inference on one frame, in order. */
export const STAGES = ["read", "voxelize", "rulebooks", "encoder", "dense", "decode"] as const;
export type Stage = (typeof STAGES)[number];

/** Milliseconds that each stage of one frame took. */
export type FrameTimes = Readonly<Record<Stage, number>>;

/** Called when a stage has ended. */
export type Lap = (stage: Stage) => void;

const TITLES: Readonly<Record<Stage, string>> = {
  read: "read, crop to view",
  voxelize: "voxelize",
  rulebooks: "rulebooks",
  encoder: "encoder",
  dense: "backbone, neck, head",
  decode: "decode, suppression",
};

/** Measures one frame: each lap ends the stage that began with the lap before (or with this call). */
export function startLaps(): { readonly lap: Lap; readonly times: FrameTimes } {
  const times = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>;
  let last = performance.now();
  const lap = (stage: Stage) => {
    const now = performance.now();
    times[stage] += now - last;
    last = now;
  };
  return { lap, times };
}

/** Milliseconds: half of the frames and 99 % of them took no longer than `p50` and `p99`. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly mean: number;
}

/** What a run over several frames took. */
export interface LatencySummary {
  readonly unit: "ms";
  /** frames measured, those of the warm-up not among them */
  readonly frames: number;
  /** frames run before, to warm up, and left out */
  readonly warmUp: number;
  /** one frame after the other: 1000 / mean of a frame */
  readonly framesPerSecond: number;
  readonly frame: Spread;
  readonly stages: Readonly<Record<Stage, Spread>>;
}

/**
 * @param frames times of the measured frames, at least one
 * @param warmUp number of frames that were run before and left out
 * @throws RangeError if there is no frame
 */
export function summarizeLatency(frames: readonly FrameTimes[], warmUp: number): LatencySummary {
  if (frames.length === 0) throw new RangeError("summarizeLatency: expected one frame or more, got none");
  const frame = spreadOf(frames.map(frameTime));
  const stages = STAGES.map((stage) => [stage, spreadOf(frames.map((times) => times[stage]))]);
  return {
    unit: "ms",
    frames: frames.length,
    warmUp,
    framesPerSecond: 1000 / frame.mean,
    frame,
    stages: Object.fromEntries(stages) as Record<Stage, Spread>,
  };
}

/** All stages of a frame together. */
export function frameTime(times: FrameTimes): number {
  return STAGES.reduce((sum, stage) => sum + times[stage], 0);
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { p50: percentile(values, 50), p99: percentile(values, 99), mean };
}

/**
 * The smallest value that is not exceeded by `percent` of the values (nearest rank, no interpolation). Of fewer than 100
 * values the 99th percentile is the largest.
 * @param percent above 0, at most 100
 */
export function percentile(values: readonly number[], percent: number): number {
  const ascending = Float64Array.from(values).sort();
  return ascending[Math.ceil((percent / 100) * ascending.length) - 1];
}

/** The summary as a table, each stage with its share of the mean frame. */
export function formatLatency({ frames, warmUp, framesPerSecond, frame, stages }: LatencySummary): string {
  const row = (title: string, { p50, p99, mean }: Spread) =>
    title.padEnd(22) +
    [p50, p99, mean, (100 * mean) / frame.mean].map((value) => value.toFixed(1).padStart(9)).join("");
  return [
    "latency, ms".padEnd(22) + ["p50", "p99", "mean", "share, %"].map((head) => head.padStart(9)).join(""),
    ...STAGES.map((stage) => row(TITLES[stage], stages[stage])),
    row("frame", frame),
    `${framesPerSecond.toFixed(2)} frames per second over ${counted(frames, "frame")}, one after the other; ` +
      `${warmUp} before them, to warm up, are left out`,
    ...(frames < 100 ? ["of fewer than 100 frames the p99 is the slowest"] : []),
  ].join("\n");
}
