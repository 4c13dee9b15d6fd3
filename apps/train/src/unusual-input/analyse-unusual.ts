import type { ResultChart, ResultTable } from "report-page";
import { formatInterval } from "../experiment/format-statistics.js";
import { drawFrames } from "../experiment/frame-precision.js";
import { type MeanInterval, quantile } from "../experiment/statistics.js";
import { CLEAN, type Condition } from "./conditions.js";
import type { SetReadings } from "./measure-unusual.js";
import type { ScanReading } from "./scan-reading.js";
import { SEPARATIONS, type Separation, separate } from "./separation.js";
import { learnUsual, MEASURES, type Measure, measures, type UnusualScores } from "./unusual-scores.js";

/** Draws of frames for a bootstrap interval. */
const DRAWS = 1000;

/** How well each measure tells each condition from clean scans, on all frames and on draws of them. */
export interface SeparationStudy {
  readonly conditions: readonly Condition[];
  /**
   * A number made of separations, with its 95 % bootstrap interval over the frames: each draw has the same frames clean and corrupted.
   * The reference that was learnt from stays as it is.
   */
  readonly estimate: (number: (of: SeparationOf) => number) => MeanInterval;
}

/** The separation of a condition by a measure, on one draw. */
export type SeparationOf = (condition: Condition, measure: Measure, what: keyof Separation) => number;

/** @param readings of the same frames in every condition, the clean one among them */
export function studySeparations(
  reference: readonly ScanReading[],
  readings: SetReadings["byCondition"],
  conditions: readonly Condition[],
): SeparationStudy {
  const scores = learnUsual(reference);
  const clean = readings.get(CLEAN.name)!.map(scores);
  const corrupted = conditions.map(({ name }) => readings.get(name)!.map(scores));
  const row = measures.length * SEPARATIONS.length;
  const separations = (drawn: readonly number[]) => {
    const pick = (list: readonly UnusualScores[], measure: Measure) => drawn.map((frame) => list[frame][measure]);
    const values = new Float64Array(conditions.length * row);
    measures.forEach((measure, m) => {
      const usual = pick(clean, measure);
      corrupted.forEach((list, c) => {
        const separation = separate(pick(list, measure), usual);
        SEPARATIONS.forEach((what, s) => {
          values[c * row + m * SEPARATIONS.length + s] = separation[what];
        });
      });
    });
    return values;
  };
  const all = separations(clean.map((_, frame) => frame));
  const draws = Array.from({ length: DRAWS }, (_, draw) => separations(drawnFrames(clean.length, draw)));
  const places = new Map(conditions.map((condition, c) => [condition, c]));
  const of =
    (values: Float64Array): SeparationOf =>
    (condition, measure, what) =>
      values[places.get(condition)! * row + measures.indexOf(measure) * SEPARATIONS.length + SEPARATIONS.indexOf(what)];
  return {
    conditions,
    estimate: (number) => {
      const drawn = draws.map((values) => number(of(values)));
      return { count: clean.length, mean: number(of(all)), low: quantile(drawn, 0.025), high: quantile(drawn, 0.975) };
    },
  };
}

/** Numbers of the frames of a draw with replacement. */
function drawnFrames(count: number, draw: number): number[] {
  return [...drawFrames(count, draw)].flatMap((times, frame) => Array<number>(times).fill(frame));
}

/** A study and what it is of. */
export interface NamedStudy {
  /** of the detector */
  readonly subject: string;
  /** of the frames */
  readonly set: string;
  readonly study: SeparationStudy;
  /** AP of its first class in a condition, %; undefined where there is nothing to find */
  readonly precision: (condition: Condition) => number | undefined;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Each measure over all conditions, and against the entropies. */
export function overallTable(studies: readonly NamedStudy[]): ResultTable {
  return {
    title: "Over all corruptions and strengths",
    note:
      "Means over the conditions, with 95 % bootstrap intervals over the frames. AUROC: 0.5 is chance, below it the scans look more usual " +
      "than clean ones. FPR: share of false alarms where 95 % of the corrupted scans are found. AUPR: area under precision over recall, " +
      "0.5 is chance, as there are as many clean scans as corrupted ones. Against the entropies: AUROC minus that of deviation. " +
      `${measures.map((name) => `${name}: ${MEASURES[name]}`).join(". ")}.`,
    columns: ["detector", "frames", "measure", "AUROC", "FPR", "AUPR", "AUROC against the entropies"],
    rows: studies.flatMap(({ subject, set, study: { estimate, conditions } }) =>
      measures.map((measure) => {
        const over = (what: keyof Separation) =>
          formatInterval(
            estimate((of) => mean(conditions.map((each) => of(each, measure, what)))),
            3,
          );
        const difference = estimate((of) =>
          mean(conditions.map((each) => of(each, measure, "auroc") - of(each, "deviation", "auroc"))),
        );
        const against = measure === "deviation" ? null : formatInterval(difference, 3);
        return [subject, set, measure, over("auroc"), over("falseAlarms"), over("precision"), against];
      }),
    ),
  };
}

/** AUROC by kind of corruption, over its strengths. */
export function kindsTable(studies: readonly NamedStudy[]): ResultTable {
  return {
    title: "AUROC by corruption",
    note: "Means over the strengths of each, with 95 % bootstrap intervals over the frames.",
    columns: ["detector", "frames", "corruption", ...measures],
    rows: studies.flatMap(({ subject, set, study: { estimate, conditions } }) =>
      kindsOf(conditions).map((kind) => {
        const members = conditions.filter((each) => each.kind === kind);
        const cell = (measure: Measure) =>
          formatInterval(
            estimate((of) => mean(members.map((each) => of(each, measure, "auroc")))),
            2,
          );
        return [subject, set, kind, ...measures.map(cell)];
      }),
    ),
  };
}

/** Up to which share of the clean scans' AP a loss counts as small, and as large beyond. */
const [SMALL, LARGE] = [0.1, 0.5];

/** Conditions by the share of the clean scans' AP that a detector loses in them. */
export const HARMS = [
  { title: `loses up to ${100 * SMALL} %`, holds: (loss: number) => loss <= SMALL },
  { title: `up to ${100 * LARGE} %`, holds: (loss: number) => loss > SMALL && loss <= LARGE },
  { title: "more", holds: (loss: number) => loss > LARGE },
] as const;

/** AUROC by what a condition does to the detector: whether the measures tell what matters. */
export function harmTable(studies: readonly NamedStudy[]): ResultTable {
  return {
    title: "AUROC by harm",
    note:
      "Conditions by what they do to the detector: the share of its AP on clean scans that it loses (first class, 3D, overlap 0.5, R40, objects " +
      "in its range). A measure that is worth a warning is high where much is lost. Means over the conditions of a group, with 95 % bootstrap " +
      "intervals over the frames; in brackets how many conditions there are.",
    columns: ["detector", "frames", "measure", ...HARMS.map(({ title }) => title)],
    rows: studies.flatMap(({ subject, set, study: { estimate, conditions }, precision }) => {
      const clean = precision(CLEAN) ?? 0;
      if (clean === 0) return [];
      const members = HARMS.map(({ holds }) => conditions.filter((each) => holds(1 - (precision(each) ?? 0) / clean)));
      return measures.map((measure) => [
        subject,
        set,
        measure,
        ...members.map((group) => {
          if (group.length === 0) return null;
          const cell = formatInterval(
            estimate((of) => mean(group.map((each) => of(each, measure, "auroc")))),
            2,
          );
          return `${cell} [${group.length}]`;
        }),
      ]);
    }),
  };
}

/** AUROC of every condition, and what it does to the detector. */
export function conditionsTable({ subject, set, study: { estimate, conditions }, precision }: NamedStudy): ResultTable {
  return {
    title: `AUROC by strength: ${subject}, ${set}`,
    note:
      "Each strength against the same frames as they are; 95 % bootstrap intervals over the frames. AP: of the detector's first class (3D, " +
      `overlap 0.5, R40, objects in its range), %; on the clean frames ${formatAp(precision(CLEAN))}.`,
    columns: ["corruption", "strength", "amount", "AP", ...measures],
    rows: conditions.map((condition) => [
      condition.kind,
      condition.strength,
      condition.amount,
      formatAp(precision(condition)),
      ...measures.map((measure) =>
        formatInterval(
          estimate((of) => of(condition, measure, "auroc")),
          2,
        ),
      ),
    ]),
  };
}

/** AUROC over strength: mean over the corruptions that have five. */
export function strengthChart({ subject, set, study: { estimate, conditions } }: NamedStudy): ResultChart {
  const graded = conditions.filter(({ kind }) => kind !== "sensor");
  const strengths = [...new Set(graded.map(({ strength }) => strength))].sort((a, b) => a - b);
  return {
    title: `How well scans are told: ${subject}, ${set}`,
    x: "strength",
    y: "AUROC, mean over the corruptions",
    series: measures.map((name) => ({
      name,
      points: strengths.map((x) => {
        const members = graded.filter(({ strength }) => strength === x);
        const { mean: y, low, high } = estimate((of) => mean(members.map((each) => of(each, name, "auroc"))));
        return { x, y, low, high };
      }),
    })),
  };
}

/** Clean frames of other data against clean ones like the reference: each detector's readings of both. */
export function otherDataTable(
  compared: readonly {
    readonly subject: string;
    readonly reference: readonly ScanReading[];
    readonly usual: readonly ScanReading[];
    readonly other: readonly ScanReading[];
  }[],
  other: string,
): ResultTable {
  return {
    title: `Clean frames of ${other} against clean simulated ones`,
    note:
      "Nothing is corrupted: does the measure tell that the data are others? With 95 % bootstrap intervals over the frames of both sets, " +
      "drawn apart.",
    columns: ["detector", "measure", "AUROC", "FPR", "AUPR"],
    rows: compared.flatMap(({ subject, reference, usual, other }) => {
      const scores = learnUsual(reference);
      const [a, b] = [other.map(scores), usual.map(scores)];
      return measures.map((measure) => {
        const [unusual, clean] = [a, b].map((list) => list.map((each) => each[measure]));
        const all = separate(unusual, clean);
        const draws = Array.from({ length: DRAWS }, (_, draw) =>
          separate(
            drawnFrames(unusual.length, DRAWS + draw).map((i) => unusual[i]),
            drawnFrames(clean.length, draw).map((i) => clean[i]),
          ),
        );
        const cell = (what: keyof Separation) => {
          const values = draws.map((each) => each[what]);
          const [low, high] = [quantile(values, 0.025), quantile(values, 0.975)];
          return formatInterval({ count: clean.length, mean: all[what], low, high }, 3);
        };
        return [subject, measure, cell("auroc"), cell("falseAlarms"), cell("precision")];
      });
    }),
  };
}

const formatAp = (ap: number | undefined) => ap?.toFixed(1) ?? "–";

/** Of conditions, each once, in order. */
export function kindsOf(conditions: readonly Condition[]): string[] {
  return [...new Set(conditions.map(({ kind }) => kind))];
}
