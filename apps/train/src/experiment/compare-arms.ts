import type { ResultDifference, ResultDifferences, ResultTable } from "report-page";
import { formatDifference, formatInterval } from "./format-statistics.js";
import { METRICS, type Metric, type RunOutcome } from "./run-outcome.js";
import { meanInterval, type PairedDifference, pairedDifference } from "./statistics.js";

/** AP of a finished run. */
export function finalAp({ epochs }: RunOutcome, metric: Metric): number {
  return epochs[epochs.length - 1].ap[metric];
}

export function finishedRuns(outcomes: readonly RunOutcome[], arm: string): RunOutcome[] {
  return outcomes.filter((run) => run.arm === arm && run.state.kind === "finished");
}

/** Mean and interval of every arm and metric after the last epoch. */
export function accuracyTable(outcomes: readonly RunOutcome[], arms: readonly string[]): ResultTable {
  return {
    title: "Accuracy after the last epoch",
    note:
      "AP R40 at the moderate level, percent, over the finished runs: mean and 95 % confidence interval (Student's t). " +
      "Loose: overlap 0.5 instead of 0.7.",
    columns: ["arm", "runs", ...METRICS],
    rows: arms.map((arm) => {
      const runs = finishedRuns(outcomes, arm);
      const cells = METRICS.map((metric) => formatInterval(meanInterval(runs.map((run) => finalAp(run, metric)))));
      return [arm, runs.length, ...cells];
    }),
  };
}

/** Each arm minus its baseline, seed by seed. */
export function comparisonTable(
  outcomes: readonly RunOutcome[],
  pairs: readonly (readonly [arm: string, baseline: string])[],
): ResultTable {
  return {
    title: "Differences, seed by seed",
    note:
      "AP of an arm minus that of the plain detector of the same seed: mean, 95 % confidence interval, and the p-value of the " +
      "paired t-test. With as many comparisons as cells, one in twenty is below 0.05 by chance alone.",
    columns: ["arm", "against", "pairs", ...METRICS],
    rows: pairs.map(([arm, baseline]) => {
      const both = pairedRuns(outcomes, arm, baseline);
      const cells = METRICS.map((metric) => formatDifference(differenceOf(both, metric)));
      return [arm, baseline, both.length, ...cells];
    }),
  };
}

/**
 * What each arm changes of Car 3D AP, pair by pair.
 * @param alike AP; a mean difference that is smaller counts as none
 * @param title what arms differ in
 */
export function accuracyDifferences(
  outcomes: readonly RunOutcome[],
  pairs: readonly (readonly [arm: string, baseline: string])[],
  { alike, title = "What the loss changes" }: { readonly alike?: number; readonly title?: string } = {},
): ResultDifferences {
  return {
    id: "accuracy",
    title,
    note:
      "Car 3D AP (moderate, R40) of the weights after the last step, an arm minus another one of the same seed: a pale point for every pair, the mean " +
      "and its 95 % interval (Student's t)." +
      (alike === undefined ? "" : ` Shaded: ±${alike} AP, which counts as no difference that matters.`),
    unit: "difference in Car 3D AP",
    ...(alike === undefined ? {} : { alike }),
    rows: pairs.flatMap(([arm, baseline]) => {
      const both = pairedRuns(outcomes, arm, baseline);
      const values = both.map((pair) => finalAp(pair[0], "Car 3D") - finalAp(pair[1], "Car 3D"));
      return differenceRows(`${arm} − ${baseline}`, values);
    }),
  };
}

/** Differences of pairs as they are drawn: a row, or none without a pair. */
export function differenceRows(name: string, pairs: readonly number[]): ResultDifference[] {
  const { mean, low, high } = meanInterval(pairs);
  const known = (value: number) => (Number.isFinite(value) ? value : null);
  return pairs.length === 0 ? [] : [{ name, pairs, mean, low: known(low), high: known(high) }];
}

/** Finished runs of both arms, by seed. */
export function pairedRuns(outcomes: readonly RunOutcome[], arm: string, baseline: string): [RunOutcome, RunOutcome][] {
  return pairsBySeed(
    outcomes.filter(({ state }) => state.kind === "finished"),
    [arm, baseline],
  );
}

/** Those of an arm, each with that of another arm of the same seed; without one, it is left out. */
export function pairsBySeed<T extends { readonly arm: string; readonly seed: number }>(
  runs: readonly T[],
  [arm, baseline]: readonly [string, string],
): [T, T][] {
  const others = new Map(runs.filter((run) => run.arm === baseline).map((run) => [run.seed, run]));
  return runs.flatMap((run) => {
    const other = others.get(run.seed);
    return run.arm === arm && other !== undefined ? [[run, other] as [T, T]] : [];
  });
}

export function differenceOf(pairs: readonly (readonly [RunOutcome, RunOutcome])[], metric: Metric): PairedDifference {
  return pairedDifference(
    pairs.map(([run]) => finalAp(run, metric)),
    pairs.map(([, other]) => finalAp(other, metric)),
  );
}

/** Every run, finished or not, so that none is dropped unseen. */
export function runsTable(outcomes: readonly RunOutcome[], commands: readonly string[]): ResultTable {
  return {
    title: "All runs",
    note: "Failed and missing runs count in no mean. The command makes or continues one run alone.",
    columns: ["run", "state", "Car 3D", "L1", "share of the loss", "command"],
    rows: outcomes.map((run, i) => [
      `${run.arm}-seed${run.seed}`,
      run.state.kind === "failed" ? `failed at step ${run.state.step}: ${run.state.reason}` : run.state.kind,
      run.state.kind === "finished" ? finalAp(run, "Car 3D").toFixed(2) : null,
      run.end === undefined ? null : run.end.l1.toExponential(2),
      run.end === undefined ? null : `${(100 * run.end.share).toFixed(3)} %`,
      commands[i],
    ]),
  };
}
