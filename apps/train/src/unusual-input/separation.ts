import { areaUnderRoc } from "../experiment/statistics.js";

/** How well a score tells unusual scans from usual ones. */
export interface Separation {
  /** area under the ROC curve: 0.5 is chance */
  readonly auroc: number;
  /** false alarms, as a share of the usual ones, where 95 % of the unusual ones are found */
  readonly falseAlarms: number;
  /** area under the curve of precision over recall, of the unusual ones */
  readonly precision: number;
}

/** What {@link Separation} says, in its order. */
export const SEPARATIONS = ["auroc", "falseAlarms", "precision"] as const satisfies readonly (keyof Separation)[];

/** Scores of unusual scans against those of usual ones; higher is more unusual. NaN if one of them is empty. */
export function separate(unusual: readonly number[], usual: readonly number[]): Separation {
  return {
    auroc: areaUnderRoc(unusual, usual),
    falseAlarms: falseAlarmsAt(unusual, usual),
    precision: averagePrecision(unusual, usual),
  };
}

/**
 * Share of the usual scans that are called unusual where the threshold is the highest that finds at least a share `recall` of the unusual
 * ones; a score at the threshold is called unusual.
 */
export function falseAlarmsAt(unusual: readonly number[], usual: readonly number[], recall = 0.95): number {
  if (unusual.length === 0 || usual.length === 0) return Number.NaN;
  const falling = Float64Array.from(unusual).sort().reverse();
  const needed = Math.ceil(recall * unusual.length - 1e-9); // 0.95 · 20 is 19, whatever its last bit
  const threshold = falling[Math.max(0, needed - 1)];
  return usual.filter((score) => score >= threshold).length / usual.length;
}

/**
 * Average precision of finding the unusual scans: Σ (Rₙ − Rₙ₋₁) Pₙ over the thresholds from above, equal scores at once, without
 * interpolation (scikit-learn's `average_precision_score`).
 */
export function averagePrecision(unusual: readonly number[], usual: readonly number[]): number {
  if (unusual.length === 0 || usual.length === 0) return Number.NaN;
  const [found, alarms] = [Float64Array.from(unusual).sort(), Float64Array.from(usual).sort()];
  let [i, j, average] = [found.length, alarms.length, 0];
  while (i > 0) {
    const threshold = found[i - 1];
    const before = i;
    while (i > 0 && found[i - 1] >= threshold) i -= 1;
    while (j > 0 && alarms[j - 1] >= threshold) j -= 1;
    const [positive, negative] = [found.length - i, alarms.length - j];
    average += ((before - i) / found.length) * (positive / (positive + negative));
  }
  return average;
}
