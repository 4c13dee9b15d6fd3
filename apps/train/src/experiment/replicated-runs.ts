import type { RunOutcome } from "./run-outcome.js";

/** Draws of frames and seeds for a bootstrap interval. */
export const DRAWS = 1000;

/** Car 3D AP of a run's last weights on its validation frames. */
export interface ResampledRun {
  readonly arm: string;
  readonly seed: number;
  /** on all of them, %; the same number as its last evaluation has */
  readonly all: number;
  /** on the first quarter of them */
  readonly quarter: number;
  /** for each draw of frames with replacement, the same draws for every run */
  readonly draws: Float64Array;
}

/** Of an arm and of another one, by seed. */
export type ResampledPairs = readonly (readonly [ResampledRun, ResampledRun])[];

/** Runs as far as they have come, and what they were resampled to. */
export interface Replicated {
  readonly outcomes: readonly RunOutcome[];
  readonly resampled: readonly ResampledRun[];
}

/** Two arms. */
export type Comparison = readonly [arm: string, baseline: string];

export function resampledPairs(resampled: readonly ResampledRun[], [arm, baseline]: Comparison): ResampledPairs {
  const others = new Map(resampled.filter((run) => run.arm === baseline).map((run) => [run.seed, run]));
  return resampled.flatMap((run) => {
    const other = others.get(run.seed);
    return run.arm === arm && other !== undefined ? [[run, other] as const] : [];
  });
}
