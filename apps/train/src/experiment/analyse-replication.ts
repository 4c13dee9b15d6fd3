import type { ResultTable } from "report-page";
import { randomStream } from "../system/random.js";
import { SECONDARY_SHARE, waitsOf } from "./analyse-waiting.js";
import { finalAp, pairedRuns } from "./compare-arms.js";
import { formatDifference, formatInterval, formatP, formatSigned } from "./format-statistics.js";
import { drawnCounts } from "./frame-precision.js";
import { type Comparison, type Replicated, type ResampledPairs, resampledPairs } from "./replicated-runs.js";
import type { Metric, RunOutcome } from "./run-outcome.js";
import { equivalence, holm, meanInterval, pairedDifference, quantile } from "./statistics.js";
import { pairedLogRank } from "./survival.js";

/** Largest difference, AP, that counts as none. */
export const EQUIVALENT = 2;

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

/** Its cell of a table; none unless every one of `count` pairs was resampled: what other machines recorded may lack it. */
function bootstrapCell({ resampled }: Replicated, comparison: Comparison, count: number): string | null {
  const pairs = resampledPairs(resampled, comparison);
  if (pairs.length < 2 || pairs.length < count) return null;
  const { low, high } = bootstrapDifference(pairs);
  return `${formatSigned(low)} to ${formatSigned(high)}`;
}

/** The primary comparison by all that the protocol asks for. */
export function primaryTable(replicated: Replicated, comparison: Comparison, planned: number): ResultTable {
  const { outcomes } = replicated;
  const [arm, baseline] = comparison;
  const pairs = pairedRuns(outcomes, arm, baseline);
  const ends = [0, 1].map((side) => pairs.map((pair) => finalAp(pair[side], "Car 3D")));
  const differences = ends[0].map((value, i) => value - ends[1][i]);
  const difference = pairedDifference(ends[0], ends[1]);
  const small = equivalence(differences, EQUIVALENT);
  return {
    title: "The primary endpoint",
    note:
      "Car 3D AP (moderate, R40, %) of the weights after the last step, by seed: with the loss minus without. Student's 95 % interval and " +
      "paired t-test; a 95 % bootstrap interval over seeds and validation frames, if the detections of all runs are at hand; and whether the mean is shown to lie within " +
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
        bootstrapCell(replicated, comparison, pairs.length),
        pairs.length < 2 ? null : `${formatSigned(small.low)} to ${formatSigned(small.high)}, p ${formatP(small.p)}`,
        pairs.length < planned ? "interim" : answerOf(difference, small.p),
      ],
    ],
  };
}

/**
 * The primary comparison in a sentence: what the protocol answers, and by what interval.
 * @param alike AP; a mean difference that is smaller counts as none
 */
export function primaryAnswer(
  outcomes: readonly RunOutcome[],
  [arm, baseline]: Comparison,
  planned: number,
  alike = EQUIVALENT,
): string {
  const pairs = pairedRuns(outcomes, arm, baseline);
  if (pairs.length < planned)
    return `No answer yet: ${pairs.length} of ${planned} pairs are there, and nothing follows from them.`;
  const differences = pairs.map(([run, other]) => finalAp(run, "Car 3D") - finalAp(other, "Car 3D"));
  const { mean, low, high } = meanInterval(differences);
  const answer = answerOf({ low, high }, equivalence(differences, alike).p);
  return (
    `${answer[0].toUpperCase()}${answer.slice(1)}: ${arm} less ${baseline} is ${formatSigned(mean)} Car 3D AP ` +
    `(95 % interval ${formatSigned(low)} to ${formatSigned(high)}, ${pairs.length} pairs).`
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
export function secondaryTable(replicated: Replicated, { arms, metrics, waits }: SecondaryComparisons): ResultTable {
  const { outcomes } = replicated;
  const compared = [...arms.map((comparison) => ({ comparison, metric: "Car 3D" as const })), ...metrics].map(
    ({ comparison, metric }) => {
      const pairs = pairedRuns(outcomes, ...comparison);
      const [own, others] = [0, 1].map((side) => pairs.map((pair) => finalAp(pair[side], metric)));
      const difference = pairedDifference(own, others);
      const small = equivalence(
        own.map((value, i) => value - others[i]),
        EQUIVALENT,
      );
      const bootstrap = metric === "Car 3D" ? bootstrapCell(replicated, comparison, pairs.length) : null;
      return { comparison, metric: metric as string, difference, small, bootstrap };
    },
  );
  const waited = waitsOf(pairedRuns(outcomes, ...waits), SECONDARY_SHARE);
  const rank = waited[0].length === 0 ? Number.NaN : pairedLogRank(waited[0], waited[1]).p;
  const adjusted = holm([...compared.map(({ difference }) => difference.p), rank]);
  const alike = holm(compared.slice(0, arms.length).map(({ small }) => small.p));
  return {
    title: "Secondary comparisons",
    note:
      "By seed, of the weights after the last step: mean difference, Student's 95 % interval and p-value of its own; p by Holm over all rows; a 95 % " +
      `bootstrap interval over seeds and frames (Car 3D), if the detections of all runs are at hand; the p-value of equivalence within ±${EQUIVALENT} AP, and by Holm over the arms in Car 3D, which the protocol does not ask for. The last row is how soon Car 3D ` +
      `AP comes to ${100 * SECONDARY_SHARE} % of the plain run's end: log-rank scores, signs within pairs.`,
    columns: ["comparison", "metric", "pairs", "difference", "p, Holm", "bootstrap", `p within ±${EQUIVALENT}`, "Holm"],
    rows: [
      ...compared.map(({ comparison: [arm, baseline], metric, difference, small, bootstrap }, i) => [
        `${arm} against ${baseline}`,
        metric,
        difference.count,
        formatDifference(difference),
        formatP(adjusted[i]),
        bootstrap,
        formatP(small.p),
        i < alike.length ? formatP(alike[i]) : null,
      ]),
      [
        `${waits[0]} against ${waits[1]}`,
        `epochs to ${100 * SECONDARY_SHARE} %`,
        waited[0].length,
        Number.isNaN(rank) ? null : `p ${formatP(rank)}`,
        formatP(adjusted[compared.length]),
        null,
        null,
        null,
      ],
    ],
  };
}
