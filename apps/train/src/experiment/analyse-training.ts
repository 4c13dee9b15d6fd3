import type { ResultChart, ResultTable } from "report-page";
import { finishedRuns, pairedRuns } from "./compare-arms.js";
import { formatInterval } from "./format-statistics.js";
import type { Metric, RunOutcome } from "./run-outcome.js";
import { logFitR2, meanInterval, pairedDifference } from "./statistics.js";

/**
 * AP by epoch of every arm that has finished runs: mean over the seeds and the range of their values, after the epochs that all of these were
 * evaluated after. Not all need have the same: one that was begun by hand may have been evaluated less often.
 * @param detector whose arms they are, where a page has charts of several
 */
export function curvesChart(
  outcomes: readonly RunOutcome[],
  arms: readonly string[],
  metric: Metric,
  detector?: string,
): ResultChart {
  const curves = arms.map((name) => ({ name, points: meanCurve(finishedRuns(outcomes, name), metric) }));
  return {
    title: `${metric} by epoch${detector === undefined ? "" : ` of ${detector} in all its arms`}`,
    x: "epoch",
    y: "AP R40, moderate, %",
    series: curves.filter(({ points }) => points.length > 0),
  };
}

function meanCurve(runs: readonly RunOutcome[], metric: Metric) {
  const [first, ...others] = runs.map(({ epochs }) => new Map(epochs.map(({ epoch, ap }) => [epoch, ap[metric]])));
  return [...(first ?? [])].flatMap(([epoch, ap]) => {
    if (!others.every((other) => other.has(epoch))) return [];
    const values = [ap, ...others.map((other) => other.get(epoch)!)];
    return { x: epoch, y: meanInterval(values).mean, low: Math.min(...values), high: Math.max(...values) };
  });
}

/** How evenly and how fast AP grows, with and without the loss. */
export function accelerationTable(
  outcomes: readonly RunOutcome[],
  pairs: readonly (readonly [arm: string, baseline: string])[],
): ResultTable {
  const shares = [0.5, 0.75, 0.9];
  return {
    title: "Epochs to a given accuracy",
    note:
      "Epochs until Car 3D AP first reaches a share of what the plain run of the same seed ends with (between epochs by " +
      "straight lines), over the seeds: mean and 95 % interval; and R² of AP ≈ a + b·ln(epoch). An arm that never gets " +
      "there counts with one epoch more than there were.",
    columns: ["arm", "runs", ...shares.map((share) => `to ${100 * share} %`), "R²", "R² over that without"],
    rows: pairs.flatMap(([arm, baseline]) => {
      const both = pairedRuns(outcomes, arm, baseline);
      const r2 = (runs: readonly RunOutcome[]) => meanInterval(runs.map((run) => logFitR2(carCurve(run))));
      const [own, other] = [r2(both.map(([run]) => run)), r2(both.map(([, run]) => run))];
      const row = (name: string, pick: 0 | 1, fit: typeof own, ratio: string | null) => [
        name,
        both.length,
        ...shares.map((share) =>
          formatInterval(meanInterval(both.map((pair) => epochsTo(carCurve(pair[pick]), share * lastOf(pair[1]))))),
        ),
        formatInterval(fit, 3),
        ratio,
      ];
      const ratio = Number.isNaN(own.mean / other.mean) ? null : (own.mean / other.mean).toFixed(3);
      return [row(baseline, 1, other, null), row(arm, 0, own, ratio)];
    }),
  };
}

const carCurve = ({ epochs }: RunOutcome) => epochs.map(({ epoch, ap }) => ({ x: epoch, y: ap["Car 3D"] }));
const lastOf = (run: RunOutcome) => run.epochs[run.epochs.length - 1].ap["Car 3D"];

/** The first place where a curve through the points is at `level`; one more than the last x if it never is. */
export function epochsTo(curve: readonly { readonly x: number; readonly y: number }[], level: number): number {
  let before = { x: 0, y: 0 };
  for (const point of curve) {
    if (point.y >= level) {
      const rise = point.y - before.y;
      return rise <= 0 ? before.x : before.x + ((level - before.y) / rise) * (point.x - before.x);
    }
    before = point;
  }
  return before.x + 1;
}

/** What the loss did to the entropies, and what it cost. */
export function entropyTable(outcomes: readonly RunOutcome[], arms: readonly string[]): ResultTable {
  return {
    title: "Entropies at the end of training",
    note:
      "Means over the steps of the last epoch and over the finished runs. L1: variance of the changes of entropy, summed over the " +
      "blocks that are covered; growth: mean of max(0, ΔH); nats per dimension. Share: of the Entropy Loss, weights included, in " +
      "the total loss. Seconds: median step, while other runs shared the processors.",
    columns: ["arm", "runs", "L1", "growth", "share", "detection loss", "seconds per step"],
    rows: arms.map((arm) => {
      const ends = finishedRuns(outcomes, arm).map(({ end }) => end!);
      const mean = (of: (end: (typeof ends)[number]) => number) => meanInterval(ends.map(of)).mean;
      if (ends.length === 0) return [arm, 0, null, null, null, null, null];
      return [
        arm,
        ends.length,
        mean(({ l1 }) => l1).toExponential(2),
        mean(({ growth }) => growth).toExponential(2),
        `${(100 * mean(({ share }) => share)).toFixed(3)} %`,
        mean(({ detection }) => detection).toFixed(4),
        mean(({ stepSeconds }) => stepSeconds).toFixed(2),
      ];
    }),
  };
}

/** The gain of one model minus that of another, seed by seed: does a simple network gain more? */
export function gainDifferenceTable(
  outcomes: readonly RunOutcome[],
  [first, second]: readonly [readonly [string, string], readonly [string, string]],
  metrics: readonly Metric[],
): ResultTable {
  const gains = (pair: readonly [string, string], metric: Metric) =>
    new Map(
      pairedRuns(outcomes, ...pair).map(([run, other]) => [
        run.seed,
        run.epochs[run.epochs.length - 1].ap[metric] - other.epochs[other.epochs.length - 1].ap[metric],
      ]),
    );
  return {
    title: `Gain of ${first[1]} against that of ${second[1]}`,
    note: "AP with the loss minus AP without, of one network minus the other, seed by seed: mean, 95 % interval, paired t-test.",
    columns: ["metric", "seeds", `gain of ${first[1]}`, `gain of ${second[1]}`, "difference", "p"],
    rows: metrics.map((metric) => {
      const [a, b] = [gains(first, metric), gains(second, metric)];
      const seeds = [...a.keys()].filter((seed) => b.has(seed));
      const [own, others] = [seeds.map((seed) => a.get(seed)!), seeds.map((seed) => b.get(seed)!)];
      const difference = pairedDifference(own, others);
      return [
        metric,
        seeds.length,
        formatInterval(meanInterval(own)),
        formatInterval(meanInterval(others)),
        formatInterval(difference),
        seeds.length < 2 ? null : difference.p.toFixed(3),
      ];
    }),
  };
}
