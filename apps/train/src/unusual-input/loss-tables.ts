import type { ResultDifferences, ResultTable } from "report-page";
import { differenceRows, pairsBySeed } from "../experiment/compare-arms.js";
import { formatDifference } from "../experiment/format-statistics.js";
import { FIGURE_COLUMNS, figureCells, pairedFigure } from "../experiment/paired-figures.js";
import { areaUnderRoc, holm } from "../experiment/statistics.js";
import { HARMS, kindsOf } from "./analyse-unusual.js";
import { CLEAN, type Condition } from "./conditions.js";
import type { SetReadings } from "./measure-unusual.js";
import type { ScanReading } from "./scan-reading.js";
import { learnUsual, MEASURES, type Measure, measures } from "./unusual-scores.js";

/** A trained detector and what it makes of corrupted scans. */
export interface JudgedRun {
  readonly arm: string;
  readonly seed: number;
  /** how well a measure tells a condition from the same scans as they are */
  readonly auroc: (condition: Condition, measure: Measure) => number;
  /** AP of its first class in a condition, %; undefined where there is nothing to find */
  readonly precision: (condition: Condition) => number | undefined;
}

/** @param readings of the same frames in every condition, the clean one among them */
export function aurocOf(
  reference: readonly ScanReading[],
  readings: SetReadings["byCondition"],
): (condition: Condition, measure: Measure) => number {
  const score = learnUsual(reference);
  const scores = new Map([...readings].map(([condition, list]) => [condition, list.map(score)]));
  const of = (condition: Condition, measure: Measure) => scores.get(condition.name)!.map((each) => each[measure]);
  return (condition, measure) => areaUnderRoc(of(condition, measure), of(CLEAN, measure));
}

/** Detectors trained with the loss and without, by seed. */
export interface JudgedComparison {
  readonly name: string;
  readonly pairs: readonly (readonly [loss: JudgedRun, plain: JudgedRun])[];
}

/** @param comparison arm with the loss, arm without */
export function compareJudged(
  runs: readonly JudgedRun[],
  [arm, baseline]: readonly [string, string],
): JudgedComparison {
  return { name: `${arm} against ${baseline}`, pairs: pairsBySeed(runs, [arm, baseline]) };
}

/** Those that read the network: what is counted before it is the same for both of a pair. */
const networkMeasures = measures.filter((measure) => measure !== "voxels");

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const meanAuroc = (conditions: readonly Condition[], measure: Measure) => (run: JudgedRun) =>
  mean(conditions.map((condition) => run.auroc(condition, measure)));

const meanPrecision = (conditions: readonly Condition[]) => (run: JudgedRun) =>
  mean(conditions.map((condition) => run.precision(condition) ?? 0));

const STATISTICS =
  "Means over the seeds, differences by seed with Student's 95 % intervals and paired t-tests. All detectors are shown the same frames, so the " +
  "intervals say nothing of other frames.";

/**
 * Every measure over all conditions, with the loss and without.
 * @param frames how many tell what is usual, and how many others are scored
 */
export function signsTable(
  comparisons: readonly JudgedComparison[],
  conditions: readonly Condition[],
  frames: { readonly usual: number; readonly scored: number },
): ResultTable {
  const rows = comparisons.flatMap((comparison) =>
    networkMeasures.map((measure) => ({
      comparison,
      measure,
      ...pairedFigure(comparison.pairs, meanAuroc(conditions, measure)),
    })),
  );
  const adjusted = holm(rows.map(({ difference }) => difference.p));
  return {
    title: "Does the loss make signs of unusual scans better?",
    note:
      `AUROC, mean over ${conditions.length} conditions: 0.5 is chance, below it corrupted scans look more usual than clean ones. ${frames.usual} validation frames tell ` +
      `what is usual, ${frames.scored} others are scored. ${STATISTICS} p by Holm: corrected for ` +
      `all rows. ${networkMeasures.map((name) => `${name}: ${MEASURES[name]}`).join(". ")}.`,
    columns: ["comparison", "measure", "pairs", ...FIGURE_COLUMNS],
    rows: rows.map(({ comparison, measure, ...figure }, i) => [
      comparison.name,
      measure,
      comparison.pairs.length,
      ...figureCells(figure, adjusted[i], 3),
    ]),
  };
}

/** The same as pairs. */
export function signDifferences(
  comparisons: readonly JudgedComparison[],
  conditions: readonly Condition[],
): ResultDifferences {
  return {
    id: "signs",
    title: "What the loss changes in signs of unusual scans",
    note:
      `AUROC with the loss minus without, mean over ${conditions.length} conditions, of detectors of the same seed: a pale point for every pair, the mean and its 95 % ` +
      "interval (Student's t). Above 0 the sign tells more with the loss.",
    unit: "difference in AUROC",
    rows: comparisons.flatMap(({ name, pairs }) =>
      networkMeasures.flatMap((measure) => {
        const of = meanAuroc(conditions, measure);
        return differenceRows(
          `${measure}, ${name}`,
          pairs.map(([loss, plain]) => of(loss) - of(plain)),
        );
      }),
    ),
  };
}

/** By what conditions do to the detectors: whether a sign tells more of what matters. */
export function harmSignsTable(
  comparisons: readonly JudgedComparison[],
  conditions: readonly Condition[],
): ResultTable {
  return {
    title: "AUROC by harm, with the loss and without",
    note:
      "Conditions by the share of their AP on clean scans that the detectors of both sides lose on average (first class, 3D, overlap 0.5, R40): " +
      "means without → with the loss, and in brackets how many conditions there are.",
    columns: ["comparison", "measure", ...HARMS.map(({ title }) => title)],
    rows: comparisons.flatMap((comparison) => {
      const runs = comparison.pairs.flat();
      const precision = (condition: Condition) => mean(runs.map((run) => run.precision(condition) ?? 0));
      const clean = precision(CLEAN);
      if (!(clean > 0)) return [];
      const groups = HARMS.map(({ holds }) => conditions.filter((each) => holds(1 - precision(each) / clean)));
      return networkMeasures.map((measure) => [
        comparison.name,
        measure,
        ...groups.map((group) => {
          if (group.length === 0) return null;
          const { plain, loss } = pairedFigure(comparison.pairs, meanAuroc(group, measure));
          return `${plain.mean.toFixed(3)} → ${loss.mean.toFixed(3)} [${group.length}]`;
        }),
      ]);
    }),
  };
}

/** By kind of corruption. */
export function kindSignsTable(
  comparisons: readonly JudgedComparison[],
  conditions: readonly Condition[],
): ResultTable {
  return {
    title: "AUROC by corruption, with the loss minus without",
    note: `Means over the strengths of each. ${STATISTICS}`,
    columns: ["comparison", "corruption", ...networkMeasures],
    rows: comparisons.flatMap((comparison) =>
      kindsOf(conditions).map((kind) => {
        const members = conditions.filter((each) => each.kind === kind);
        const cell = (measure: Measure) =>
          formatDifference(pairedFigure(comparison.pairs, meanAuroc(members, measure)).difference);
        return [comparison.name, kind, ...networkMeasures.map(cell)];
      }),
    ),
  };
}

/** Row of all corrupted conditions together. */
const ALL = "all but clean";

/** What the detectors still find: whether the loss makes them hold out longer. */
export function foundTable(comparisons: readonly JudgedComparison[], conditions: readonly Condition[]): ResultTable {
  const graded = [CLEAN, ...conditions];
  const rows = comparisons
    .filter(({ pairs }) => pairs.flat().every((run) => run.precision(CLEAN) !== undefined))
    .flatMap((comparison) =>
      [...kindsOf(graded), ALL].map((kind) => {
        const members = kind === ALL ? conditions : graded.filter((each) => each.kind === kind);
        return { comparison, kind, ...pairedFigure(comparison.pairs, meanPrecision(members)) };
      }),
    );
  const adjusted = holm(rows.map(({ difference }) => difference.p));
  return {
    title: "What is still found",
    note: `AP of the first class (3D, overlap 0.5, R40, objects in the detector's range), %, mean over the strengths of a corruption. ${STATISTICS} p by Holm: corrected for all rows.`,
    columns: ["comparison", "corruption", "pairs", ...FIGURE_COLUMNS],
    rows: rows.map(({ comparison, kind, ...figure }, i) => [
      comparison.name,
      kind,
      comparison.pairs.length,
      ...figureCells(figure, adjusted[i], 1),
    ]),
  };
}
