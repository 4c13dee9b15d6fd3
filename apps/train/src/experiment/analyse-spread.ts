import type { ResultTable } from "report-page";
import { EQUIVALENT } from "./analyse-replication.js";
import { finalAp, pairedRuns } from "./compare-arms.js";
import { formatDifference, formatInterval, formatNumber, formatP } from "./format-statistics.js";
import { type Comparison, type Replicated, resampledPairs } from "./replicated-runs.js";
import type { RunOutcome } from "./run-outcome.js";
import { deviation, equivalence, meanInterval, pairedDifference, pairedSpreadRatio } from "./statistics.js";

// How steady the figures of docs/protocol.md are: ways of reading them, where their spread comes from, stability of training.

/** Evaluations at the end of a run that a steadier reading is the mean of. */
const LAST_EVALUATIONS = 3;

/** A way to read a run's Car 3D AP. */
interface Reading {
  readonly name: string;
  readonly read: (run: RunOutcome) => number;
}

const lastWeights: Reading = { name: "last weights", read: (run) => finalAp(run, "Car 3D") };

const steadierReadings: readonly Reading[] = [
  { name: `mean of the last ${LAST_EVALUATIONS} evaluations`, read: (run) => mean(lastEvaluations(run)) },
  { name: "running average of the weights", read: (run) => run.average?.["Car 3D"] ?? Number.NaN },
];

/** How much steadier a measurement becomes by each way of reading it. */
export function readingsTable({ outcomes, resampled }: Replicated, comparison: Comparison): ResultTable {
  const pairs = pairedRuns(outcomes, ...comparison);
  const frames = resampledPairs(resampled, comparison);
  const ofOutcomes = (read: (run: RunOutcome) => number) => pairs.map((pair) => pair.map(read) as [number, number]);
  const readings: readonly (readonly [string, readonly (readonly [number, number])[]])[] = [
    ["last weights, a quarter of the frames", frames.map(([a, b]) => [a.quarter, b.quarter])],
    [`${lastWeights.name}, all frames (primary)`, ofOutcomes(lastWeights.read)],
    ...steadierReadings.map(({ name, read }) => [name, ofOutcomes(read)] as const),
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
        formatNumber(deviation(others)),
        formatNumber(deviation(own.map((value, i) => value - others[i]))),
        formatDifference(pairedDifference(own, others)),
      ];
    }),
  };
}

/** Every comparison by all readings: whether an answer hangs on the one that was chosen. */
export function comparedReadingsTable({ outcomes }: Replicated, comparisons: readonly Comparison[]): ResultTable {
  const readings = [lastWeights, ...steadierReadings];
  const within = `p within ±${EQUIVALENT}`;
  return {
    title: "The comparisons by steadier readings",
    note:
      "Car 3D AP, by seed: mean difference, Student's 95 % interval and p-value, and the p-value of equivalence " +
      `within ±${EQUIVALENT} AP, of the last weights, which all other tables read, and of the two steadier readings. Nothing is corrected here.`,
    columns: ["comparison", "pairs", ...readings.flatMap(({ name }) => [name, within])],
    rows: comparisons.map(([arm, baseline]) => {
      const pairs = pairedRuns(outcomes, arm, baseline);
      const cells = readings.flatMap(({ read }) => {
        const [own, others] = [0, 1].map((side) => pairs.map((pair) => read(pair[side])));
        const differences = own.map((value, i) => value - others[i]);
        return [formatDifference(pairedDifference(own, others)), formatP(equivalence(differences, EQUIVALENT).p)];
      });
      return [`${arm} against ${baseline}`, pairs.length, ...cells];
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
      return [arm, runs.length, ...[between, frames, within, alone].map(formatNumber)];
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
        formatNumber(deviation(own)),
        formatNumber(deviation(others)),
        Number.isNaN(low) ? null : `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}), p ${formatP(p)}`,
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
