import type { ResultChart, ResultDifferences, ResultTable } from "report-page";
import { randomStream } from "../system/random.js";
import { differenceRows, finalAp, formatDifference, formatInterval, pairedRuns } from "./compare-arms.js";
import { drawnCounts } from "./frame-precision.js";
import type { Metric, RunOutcome } from "./run-outcome.js";
import {
  deviation,
  equivalence,
  holm,
  meanInterval,
  pairedDifference,
  pairedSpreadRatio,
  quantile,
} from "./statistics.js";
import { kaplanMeier, medianWait, pairedLogRank, type Waiting } from "./survival.js";

/** Largest difference, AP, that counts as none. */
export const EQUIVALENT = 2;
/** Evaluations at the end of a run that a steadier reading is the mean of. */
const LAST_EVALUATIONS = 3;
/** Shares of the plain run's end that are waited for. */
const SHARES = [0.5, 0.75, 0.9] as const;
/** That of the secondary comparison. */
const SECONDARY_SHARE = 0.75;

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

/** Finished runs of an arm and of another one, by seed. */
type Pairs = readonly (readonly [RunOutcome, RunOutcome])[];
type ResampledPairs = readonly (readonly [ResampledRun, ResampledRun])[];

/** Runs as far as they have come, and what they were resampled to. */
export interface Replicated {
  readonly outcomes: readonly RunOutcome[];
  readonly resampled: readonly ResampledRun[];
}

/** Two arms. */
export type Comparison = readonly [arm: string, baseline: string];

function resampledPairs(resampled: readonly ResampledRun[], [arm, baseline]: Comparison): ResampledPairs {
  const others = new Map(resampled.filter((run) => run.arm === baseline).map((run) => [run.seed, run]));
  return resampled.flatMap((run) => {
    const other = others.get(run.seed);
    return run.arm === arm && other !== undefined ? [[run, other] as const] : [];
  });
}

/**
 * Percentile interval of a mean difference over seeds and frames: every draw has frames of its own, the same for both runs of a pair,
 * and seeds of its own. What frames do to each pair by itself is counted up to twice, which makes the interval too wide rather than too
 * narrow (Owen 2007, the pigeonhole bootstrap). NaN without a pair.
 */
export function bootstrapDifference(pairs: ResampledPairs): { readonly low: number; readonly high: number } {
  const draws = pairs.length === 0 ? 0 : pairs[0][0].draws.length;
  const means = Array.from({ length: draws }, (_, draw) => {
    const counts = drawnCounts(pairs.length, randomStream(draw, "seeds of a draw"));
    const sum = pairs.reduce((total, [run, other], i) => total + counts[i] * (run.draws[draw] - other.draws[draw]), 0);
    return sum / pairs.length;
  });
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) };
}

/** The primary comparison by all that the protocol asks for. */
export function primaryTable(
  { outcomes, resampled }: Replicated,
  comparison: Comparison,
  planned: number,
): ResultTable {
  const [arm, baseline] = comparison;
  const pairs = pairedRuns(outcomes, arm, baseline);
  const ends = [0, 1].map((side) => pairs.map((pair) => finalAp(pair[side], "Car 3D")));
  const differences = ends[0].map((value, i) => value - ends[1][i]);
  const difference = pairedDifference(ends[0], ends[1]);
  const small = equivalence(differences, EQUIVALENT);
  const bootstrapped = bootstrapDifference(resampledPairs(resampled, comparison));
  return {
    title: "The primary endpoint",
    note:
      "Car 3D AP (moderate, R40, %) of the weights after the last step, by seed: with the loss minus without. Student's 95 % interval and " +
      "paired t-test; a 95 % bootstrap interval over seeds and validation frames; and whether the mean is shown to lie within " +
      `±${EQUIVALENT} AP (two one-sided tests: the 90 % interval lies within). ` +
      (pairs.length < planned
        ? `Interim: ${pairs.length} of ${planned} pairs are there, and nothing follows from them.`
        : "All pairs are there."),
    columns: ["comparison", "pairs", "with", "without", "difference", "bootstrap", `within ±${EQUIVALENT}`, "answer"],
    rows: [
      [
        `${arm} against ${baseline}`,
        pairs.length,
        formatInterval(meanInterval(ends[0])),
        formatInterval(meanInterval(ends[1])),
        formatDifference(difference),
        pairs.length < 2 ? null : `${signed(bootstrapped.low)} to ${signed(bootstrapped.high)}`,
        pairs.length < 2 ? null : `${signed(small.low)} to ${signed(small.high)}, p ${pText(small.p)}`,
        pairs.length < planned ? "interim" : answerOf(difference, small.p),
      ],
    ],
  };
}

/** The primary comparison in a sentence: what the protocol answers, and by what interval. */
export function primaryAnswer(outcomes: readonly RunOutcome[], [arm, baseline]: Comparison, planned: number): string {
  const pairs = pairedRuns(outcomes, arm, baseline);
  if (pairs.length < planned)
    return `No answer yet: ${pairs.length} of ${planned} pairs are there, and nothing follows from them.`;
  const differences = pairs.map(([run, other]) => finalAp(run, "Car 3D") - finalAp(other, "Car 3D"));
  const { mean, low, high } = meanInterval(differences);
  const answer = answerOf({ low, high }, equivalence(differences, EQUIVALENT).p);
  return (
    `${answer[0].toUpperCase()}${answer.slice(1)}: ${arm} less ${baseline} is ${signed(mean)} Car 3D AP ` +
    `(95 % interval ${signed(low)} to ${signed(high)}, ${pairs.length} pairs).`
  );
}

/** The answer that the protocol gives to an interval and a test of equivalence. */
export function answerOf(
  { low, high }: { readonly low: number; readonly high: number },
  equivalent: number,
): "gain" | "harm" | "no difference that matters" | "undecided" {
  if (low > 0) return "gain";
  if (high < 0) return "harm";
  return equivalent <= 0.05 ? "no difference that matters" : "undecided";
}

/** What is compared besides, all of it corrected together. */
export interface SecondaryComparisons {
  /** in Car 3D */
  readonly arms: readonly Comparison[];
  /** in other metrics */
  readonly metrics: readonly { readonly comparison: Comparison; readonly metric: Metric }[];
  /** in how soon accuracy comes */
  readonly waits: Comparison;
}

/** Every secondary comparison with Holm's correction over them all. */
export function secondaryTable(
  { outcomes, resampled }: Replicated,
  { arms, metrics, waits }: SecondaryComparisons,
): ResultTable {
  const compared = [...arms.map((comparison) => ({ comparison, metric: "Car 3D" as const })), ...metrics].map(
    ({ comparison, metric }) => {
      const pairs = pairedRuns(outcomes, ...comparison);
      const [own, others] = [0, 1].map((side) => pairs.map((pair) => finalAp(pair[side], metric)));
      const difference = pairedDifference(own, others);
      const small = equivalence(
        own.map((value, i) => value - others[i]),
        EQUIVALENT,
      );
      const { low, high } =
        metric === "Car 3D"
          ? bootstrapDifference(resampledPairs(resampled, comparison))
          : { low: Number.NaN, high: Number.NaN };
      return { comparison, metric: metric as string, difference, small, low, high };
    },
  );
  const waited = waitsOf(pairedRuns(outcomes, ...waits), SECONDARY_SHARE);
  const rank = waited[0].length === 0 ? Number.NaN : pairedLogRank(waited[0], waited[1]).p;
  const adjusted = holm([...compared.map(({ difference }) => difference.p), rank]);
  return {
    title: "Secondary comparisons",
    note:
      "By seed, of the weights after the last step: mean difference, Student's 95 % interval and p-value of its own; p by Holm over all rows; a 95 % " +
      `bootstrap interval over seeds and frames (Car 3D); the p-value of equivalence within ±${EQUIVALENT} AP. The last row is how soon Car 3D ` +
      `AP comes to ${100 * SECONDARY_SHARE} % of the plain run's end: log-rank scores, signs within pairs.`,
    columns: ["comparison", "metric", "pairs", "difference", "p, Holm", "bootstrap", `p within ±${EQUIVALENT}`],
    rows: [
      ...compared.map(({ comparison: [arm, baseline], metric, difference, small, low, high }, i) => [
        `${arm} against ${baseline}`,
        metric,
        difference.count,
        formatDifference(difference),
        pText(adjusted[i]),
        Number.isNaN(low) ? null : `${signed(low)} to ${signed(high)}`,
        pText(small.p),
      ]),
      [
        `${waits[0]} against ${waits[1]}`,
        `epochs to ${100 * SECONDARY_SHARE} %`,
        waited[0].length,
        Number.isNaN(rank) ? null : `p ${pText(rank)}`,
        pText(adjusted[compared.length]),
        null,
        null,
      ],
    ],
  };
}

/** How much steadier a measurement becomes by each way of reading it. */
export function readingsTable({ outcomes, resampled }: Replicated, comparison: Comparison): ResultTable {
  const pairs = pairedRuns(outcomes, ...comparison);
  const frames = resampledPairs(resampled, comparison);
  const ofOutcomes = (read: (run: RunOutcome) => number) => pairs.map((pair) => pair.map(read) as [number, number]);
  const readings: readonly (readonly [string, readonly (readonly [number, number])[]])[] = [
    ["last weights, a quarter of the frames", frames.map(([a, b]) => [a.quarter, b.quarter])],
    ["last weights, all frames (primary)", ofOutcomes((run) => finalAp(run, "Car 3D"))],
    [`mean of the last ${LAST_EVALUATIONS} evaluations`, ofOutcomes((run) => mean(lastEvaluations(run)))],
    ["running average of the weights", ofOutcomes((run) => run.average?.["Car 3D"] ?? Number.NaN)],
  ];
  return {
    title: "What steadies the measurement",
    note:
      `Car 3D AP of ${comparison[1]} and ${comparison[0]}, read in several ways: standard deviation between seeds without the loss, of the ` +
      "differences within pairs, and the mean difference with its 95 % interval.",
    columns: ["reading", "pairs", "mean without", "deviation of seeds", "deviation of differences", "difference"],
    rows: readings.map(([name, values]) => {
      const [own, others] = [0, 1].map((side) => values.map((pair) => pair[side]));
      return [
        name,
        values.length,
        values.length === 0 ? null : mean(others).toFixed(2),
        numberText(deviation(others)),
        numberText(deviation(own.map((value, i) => value - others[i]))),
        formatDifference(pairedDifference(own, others)),
      ];
    }),
  };
}

/** Where the noise of one number of a plain run comes from. */
export function varianceTable({ resampled }: Replicated, arms: readonly string[]): ResultTable {
  return {
    title: "Where the spread comes from",
    note:
      "Standard deviations of Car 3D AP after the last epoch, without the loss. Between seeds: of the runs on the same frames. Frames: of a run's AP " +
      "over draws of as many validation frames. Frames within pairs: of a run's AP less the mean of all runs on the same draw, what common frames " +
      "do not take away. Seeds alone: the first less the third, by their squares.",
    columns: ["arm", "runs", "between seeds", "frames", "frames within pairs", "seeds alone"],
    rows: arms.map((arm) => {
      const runs = resampled.filter((run) => run.arm === arm);
      if (runs.length < 2) return [arm, runs.length, null, null, null, null];
      const between = deviation(runs.map(({ all }) => all));
      const { frames, within } = frameDeviations(runs.map(({ draws }) => draws));
      const alone = Math.sqrt(Math.max(0, between ** 2 - within ** 2));
      return [arm, runs.length, ...[between, frames, within, alone].map(numberText)];
    }),
  };
}

/**
 * Deviations over draws, root mean square over the runs: of a run's value, and of its distance from the mean of all on the same draw,
 * n / (n − 1) times larger in its square as that mean has the run in it.
 * @param draws of each run, of one length
 */
export function frameDeviations(draws: readonly ArrayLike<number>[]): {
  readonly frames: number;
  readonly within: number;
} {
  const means = Array.from({ length: draws[0].length }, (_, draw) => mean(draws.map((of) => of[draw])));
  const rootMeanSquare = (values: readonly number[]) => Math.sqrt(mean(values.map((value) => value ** 2)));
  const frames = rootMeanSquare(draws.map((of) => deviation(Array.from(of))));
  const apart = draws.map((of) => deviation(means.map((middle, draw) => of[draw] - middle)));
  return { frames, within: rootMeanSquare(apart) * Math.sqrt(draws.length / (draws.length - 1)) };
}

/** How soon accuracy comes, by survival analysis. */
export function waitingTable({ outcomes }: Replicated, comparisons: readonly Comparison[]): ResultTable {
  return {
    title: "How soon accuracy comes",
    note:
      "Epochs until Car 3D AP is first at least a share of what the plain run of the same seed ends with; a run that never is counts as waiting at " +
      "its end. Median by Kaplan–Meier, and how many never came there; p: log-rank scores of both arms together, all signs within pairs.",
    columns: ["comparison", "share", "pairs", "median with", "never", "median without", "never", "p"],
    rows: comparisons.flatMap((comparison) => {
      const pairs = pairedRuns(outcomes, ...comparison);
      return SHARES.map((share) => {
        const [own, others] = waitsOf(pairs, share);
        const never = (waits: readonly Waiting[]) => waits.filter(({ happened }) => !happened).length;
        const sides = [own, others].flatMap((waits) => [medianWait(waits) ?? null, never(waits)]);
        const p = pairs.length === 0 ? null : pText(pairedLogRank(own, others).p);
        return [`${comparison[0]} against ${comparison[1]}`, `${100 * share} %`, pairs.length, ...sides, p];
      });
    }),
  };
}

/** By how many epochs sooner or later accuracy comes, pair by pair. */
export function waitDifferences(
  outcomes: readonly RunOutcome[],
  comparisons: readonly Comparison[],
): ResultDifferences {
  return {
    id: "epochs",
    title: "How much sooner the loss brings accuracy",
    note:
      "Epochs until Car 3D AP is first at least a share of what the plain run of the same seed ends with, with the loss minus without: below 0 is sooner. " +
      "A run that never is counts with its last epoch. A pale point for every pair, the mean and its 95 % interval (Student's t).",
    unit: "difference in epochs",
    rows: comparisons.flatMap(([arm, baseline]) => {
      const pairs = pairedRuns(outcomes, arm, baseline);
      return SHARES.flatMap((share) => {
        const [own, others] = waitsOf(pairs, share);
        const values = own.map(({ time }, i) => time - others[i].time);
        return differenceRows(`${arm} − ${baseline}, to ${100 * share} %`, values);
      });
    }),
  };
}

/** Share of the runs that have come to three quarters of the plain run's end, by epoch. */
export function waitingChart({ outcomes }: Replicated, comparison: Comparison): ResultChart {
  const waits = waitsOf(pairedRuns(outcomes, ...comparison), SECONDARY_SHARE);
  return {
    title: `Runs that have come to ${100 * SECONDARY_SHARE} % of the plain run's end`,
    x: "epoch",
    y: "share of the runs",
    series: comparison.map((name, side) => {
      let before = 0;
      const steps = kaplanMeier(waits[side]).flatMap(({ time, share }) => {
        const step = [
          { x: time, y: before },
          { x: time, y: 1 - share },
        ];
        before = 1 - share;
        return step;
      });
      return { name, points: [{ x: 0, y: 0 }, ...steps] };
    }),
  };
}

/** Until when both runs of each pair wait for a share of what the second one ends with. */
export function waitsOf(pairs: Pairs, share: number): readonly [own: Waiting[], others: Waiting[]] {
  const side = (pick: 0 | 1) =>
    pairs.map((pair) => {
      const level = share * finalAp(pair[1], "Car 3D");
      const { epochs } = pair[pick];
      const there = epochs.find(({ ap }) => ap["Car 3D"] >= level);
      return { time: (there ?? epochs[epochs.length - 1]).epoch, happened: there !== undefined };
    });
  return [side(0), side(1)];
}

/** How much runs spread between seeds and at their ends. */
export function stabilityTable({ outcomes }: Replicated, comparisons: readonly Comparison[]): ResultTable {
  return {
    title: "Stability",
    note:
      "Car 3D AP. Standard deviation of the ends of the seeds, with the loss over without (95 % interval of Pitman and Morgan for pairs, and p that both " +
      `spread alike); and the standard deviation of a run's last ${LAST_EVALUATIONS} evaluations, mean over the runs.`,
    columns: [
      "comparison",
      "pairs",
      "deviation with",
      "without",
      "ratio",
      "last evaluations, with",
      "without",
      "difference",
    ],
    rows: comparisons.map(([arm, baseline]) => {
      const pairs = pairedRuns(outcomes, arm, baseline);
      const [own, others] = [0, 1].map((side) => pairs.map((pair) => finalAp(pair[side], "Car 3D")));
      const { ratio, low, high, p } = pairedSpreadRatio(own, others);
      const [ownEnds, otherEnds] = [0, 1].map((side) => pairs.map((pair) => deviation(lastEvaluations(pair[side]))));
      return [
        `${arm} against ${baseline}`,
        pairs.length,
        numberText(deviation(own)),
        numberText(deviation(others)),
        Number.isNaN(low) ? null : `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}), p ${pText(p)}`,
        formatInterval(meanInterval(ownEnds)),
        formatInterval(meanInterval(otherEnds)),
        formatDifference(pairedDifference(ownEnds, otherEnds)),
      ];
    }),
  };
}

function lastEvaluations({ epochs }: RunOutcome): number[] {
  return epochs.slice(-LAST_EVALUATIONS).map(({ ap }) => ap["Car 3D"]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

function numberText(value: number): string | null {
  return Number.isNaN(value) ? null : value.toFixed(2);
}

function pText(p: number): string | null {
  if (Number.isNaN(p)) return null;
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}
