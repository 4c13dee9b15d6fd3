import { CURVE_POINTS } from "./rules.js";

/** Average precision (or orientation similarity) of one class at one level. */
export interface LevelResult {
  /** Mean of 11 points of the curve (0, 4, ..., 40), percent; the benchmark's measure before October 2019. */
  readonly r11: number;
  /** Mean of 40 points (1, 2, ..., 40), percent; the benchmark's measure now. */
  readonly r40: number;
  /** [41] interpolated precision at recall 0, 1/40, ..., 1; 0..1, or NaN where the official code divides 0 by 0. */
  readonly curve: readonly number[];
}

/**
 * Chooses the scores at which recall comes nearest to 0, 1/40, 2/40, ...
 *
 * The wanted recall is a running float64 sum of 1/40, as in the official code: i/40 would choose differently.
 * @param scores      scores of the true positives, any order; not modified
 * @param objectCount number of ground truths that must be found
 * @returns           at most 41 scores, descending; about as many as there are objects when these are fewer
 */
export function recallThresholds(scores: readonly number[], objectCount: number): number[] {
  const sorted = Float64Array.from(scores).sort().reverse();
  const thresholds: number[] = [];
  let wanted = 0;
  for (let i = 0; i < sorted.length && thresholds.length < CURVE_POINTS; i++) {
    const last = i === sorted.length - 1;
    const recall = (i + 1) / objectCount;
    const nextRecall = (i + 2) / objectCount;
    if (!last && nextRecall - wanted < wanted - recall) continue;
    thresholds.push(sorted[i]);
    wanted += 1 / (CURVE_POINTS - 1);
  }
  return thresholds;
}

/**
 * Makes the curve non-increasing, each point the greatest from itself on, and averages it.
 * NaN at its own place stays; elsewhere the maximum passes over it.
 * @param points values at the thresholds, at most 41; the rest of the curve is 0
 */
export function levelResult(points: readonly number[]): LevelResult {
  const curve = new Array<number>(CURVE_POINTS).fill(0);
  let greatest = 0;
  for (let i = points.length - 1; i >= 0; i--) {
    if (points[i] > greatest) greatest = points[i];
    curve[i] = Number.isNaN(points[i]) ? Number.NaN : greatest;
  }
  return { r11: percentOf(curve, 0, 4), r40: percentOf(curve, 1, 1), curve };
}

function percentOf(curve: readonly number[], first: number, step: number): number {
  let sum = 0;
  let count = 0;
  for (let i = first; i < curve.length; i += step) {
    sum += curve[i];
    count++;
  }
  return (sum / count) * 100;
}
