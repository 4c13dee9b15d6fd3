import type { ResultTable } from "report-page";
import { finalAp, pairedRuns } from "./compare-arms.js";
import { formatDifference, formatInterval, formatP, formatSigned } from "./format-statistics.js";
import type { Comparison } from "./replicated-runs.js";
import type { RunOutcome } from "./run-outcome.js";
import { equivalence, meanInterval, pairedDifference } from "./statistics.js";

/** Largest difference, AP, that counts as none between precisions. */
export const ALIKE_PRECISION = 1.5;

type Reading = readonly [name: string, of: (run: RunOutcome) => number];

const READINGS: readonly Reading[] = [
  ...(["Car 3D", "Pedestrian 3D", "Cyclist 3D", "Car BEV"] as const).map(
    (metric): Reading => [metric, (run) => finalAp(run, metric)],
  ),
  ["Car 3D, running average of the weights", (run) => run.average?.["Car 3D"] ?? Number.NaN],
];

/** What another precision does to each AP, and whether it is shown to be small. */
export function precisionTable(outcomes: readonly RunOutcome[], comparison: Comparison): ResultTable {
  const pairs = pairedRuns(outcomes, ...comparison);
  return {
    title: "Is the difference small?",
    note:
      `AP (moderate, R40, %) of ${comparison[0]} minus that of ${comparison[1]}, by seed, of the weights after the last step where nothing else is ` +
      `said: mean, Student's 95 % interval and paired t-test; and the 90 % interval, within ±${ALIKE_PRECISION} AP where the difference is ` +
      "shown to be small (two one-sided tests).",
    columns: ["reading", "pairs", "bf16", "float32", "difference", `within ±${ALIKE_PRECISION}`],
    rows: READINGS.map(([name, of]) => {
      const [own, others] = [0, 1].map((side) => pairs.map((pair) => of(pair[side])));
      const small = equivalence(
        own.map((value, i) => value - others[i]),
        ALIKE_PRECISION,
      );
      return [
        name,
        pairs.length,
        formatInterval(meanInterval(own)),
        formatInterval(meanInterval(others)),
        formatDifference(pairedDifference(own, others)),
        pairs.length < 2 ? null : `${formatSigned(small.low)} to ${formatSigned(small.high)}, p ${formatP(small.p)}`,
      ];
    }),
  };
}
