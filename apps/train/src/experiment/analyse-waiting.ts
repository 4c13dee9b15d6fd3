import type { ResultChart, ResultDifferences, ResultTable } from "report-page";
import { differenceRows, finalAp, pairedRuns } from "./compare-arms.js";
import { formatP } from "./format-statistics.js";
import type { Comparison, Replicated } from "./replicated-runs.js";
import type { RunOutcome } from "./run-outcome.js";
import { kaplanMeier, medianWait, pairedLogRank, type Waiting } from "./survival.js";

// Acceleration of docs/protocol.md: how many epochs Car 3D AP takes to a share of the plain run's end.

/** Shares of the plain run's end that are waited for. */
const SHARES = [0.5, 0.75, 0.9] as const;
/** That of the secondary comparison. */
export const SECONDARY_SHARE = 0.75;

/** Finished runs of an arm and of another one, by seed. */
type Pairs = readonly (readonly [RunOutcome, RunOutcome])[];

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

/** How soon accuracy comes, by survival analysis. */
export function waitingTable({ outcomes }: Replicated, comparisons: readonly Comparison[]): ResultTable {
  return {
    title: "How soon accuracy comes",
    note:
      "Epochs until Car 3D AP is first at least a share of what the plain run of the same seed ends with; a run that never is counts as waiting at " +
      "its end. Median by Kaplan–Meier, and how many never came there; p: log-rank scores of both arms together, signs within pairs.",
    columns: ["comparison", "share", "pairs", "median with", "never", "median without", "never", "p"],
    rows: comparisons.flatMap((comparison) => {
      const pairs = pairedRuns(outcomes, ...comparison);
      return SHARES.map((share) => {
        const [own, others] = waitsOf(pairs, share);
        const never = (waits: readonly Waiting[]) => waits.filter(({ happened }) => !happened).length;
        const sides = [own, others].flatMap((waits) => [medianWait(waits) ?? null, never(waits)]);
        const p = pairs.length === 0 ? null : formatP(pairedLogRank(own, others).p);
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
