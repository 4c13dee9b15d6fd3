import type { EntropySeries, ReportRun, StepSeries } from "report-page";
import type { StepLine } from "../runs/run-records.js";

/** Points that a chart can show; longer runs are averaged down to it. */
const MOST_POINTS = 1500;
/** Columns of a chart of entropies over training. */
const MOST_COLUMNS = 200;

/** Losses along a run; of a long run each point is the mean of several steps. */
export function lossSeries(steps: readonly StepLine[]): StepSeries {
  const points = inGroups(steps, MOST_POINTS);
  const part = (name: keyof StepLine["losses"]) => points.map((of) => mean(of.map(({ losses }) => losses[name])));
  return {
    step: points.map((of) => of.at(-1)!.step),
    epoch: points.map((of) => of.at(-1)!.epoch),
    losses: { total: part("total"), cls: part("cls"), box: part("box"), dir: part("dir"), entropy: part("entropy") },
  };
}

/** Entropies along a run; undefined if none were measured. */
export function entropySeries(steps: readonly StepLine[]): EntropySeries | undefined {
  const measured = steps.flatMap(({ step, epoch, entropy }) =>
    entropy === undefined ? [] : [{ step, epoch, entropies: entropy.blocks.flatMap(({ entropies }) => entropies) }],
  );
  if (measured.length === 0) return undefined;
  const { blocks } = steps.find(({ entropy }) => entropy !== undefined)!.entropy!;
  const layers = blocks.flatMap(({ block, entropies }) => entropies.map((_, tap) => ({ block, tap })));
  const columns = inGroups(measured, MOST_COLUMNS);
  const meansOf = (of: typeof measured) => layers.map((_, layer) => mean(of.map(({ entropies }) => entropies[layer])));
  const ofEpoch = (epoch: number) => measured.filter((line) => line.epoch === epoch);
  return {
    layers,
    step: columns.map((of) => of.at(-1)!.step),
    values: layers.map((_, layer) => columns.map((of) => mean(of.map(({ entropies }) => entropies[layer])))),
    first: meansOf(ofEpoch(measured[0].epoch)),
    last: meansOf(ofEpoch(measured.at(-1)!.epoch)),
  };
}

/** Mean total loss of the first and of the last epoch; none without a step. */
export function epochLosses(steps: readonly StepLine[]): Pick<ReportRun, "firstEpochLoss" | "lastEpochLoss"> {
  if (steps.length === 0) return {};
  const ofEpoch = (epoch: number) =>
    mean(steps.filter((step) => step.epoch === epoch).map(({ losses }) => losses.total));
  return { firstEpochLoss: ofEpoch(steps[0].epoch), lastEpochLoss: ofEpoch(steps.at(-1)!.epoch) };
}

/** A list in at most `most` groups of equal size, but for the last. */
function inGroups<T>(list: readonly T[], most: number): T[][] {
  const size = Math.ceil(list.length / most);
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
