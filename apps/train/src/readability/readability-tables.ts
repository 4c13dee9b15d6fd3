import jstat from "jstat";
import type { ResultDifferences, ResultTable } from "report-page";
import { differenceRows, pairsBySeed } from "../experiment/compare-arms.js";
import { FIGURE_COLUMNS, figureCells, type PairedFigure, pairedFigure } from "../experiment/paired-figures.js";
import { deviation, holm, type PairedDifference } from "../experiment/statistics.js";
import { type Agreement, agreement } from "./agreement.js";
import type { DeletionFigures } from "./deletion.js";
import type { MapFigures } from "./map-figures.js";
import type { ReadModel, ReadTap } from "./read-checkpoint.js";

/** A finished run and how its layers can be read. */
export interface ReadRun extends ReadModel {
  readonly arm: string;
  readonly seed: number;
}

/** Figures of a layer, with how they are read. */
const FIGURES: Readonly<Record<keyof MapFigures, string>> = {
  zeros: "share of activations that are 0",
  sparseness: "Hoyer's sparseness of a map: 0 where all cells are alike, 1 where one is active",
  spread: "distance of a map's activity from its middle over that of an even map",
  dead: "share of channels that are never active",
  rank: "effective number of different channels over their number (matrix-based Rényi entropy of order 2 of their correlations)",
  twins: "share of channels with another one correlated by 0.9 or more",
};
const figureNames = Object.keys(FIGURES) as readonly (keyof MapFigures)[];
/** Figures of the whole detector. */
const DELETIONS: Readonly<Record<keyof DeletionFigures, string>> = {
  deletion:
    "share of the detections' scores that is lost with the points of the most active cells, less that with as many cells at random",
  insertion: "share that is found from the points of those cells alone, less that of cells at random",
};
const deletionNames = Object.keys(DELETIONS) as readonly (keyof DeletionFigures)[];
const AGREEMENTS = ["alignment", "match"] as const satisfies readonly (keyof Agreement)[];

/** Runs with the loss and without, by seed, and how the seeds of each side agree layer by layer. */
export interface ReadComparison {
  readonly name: string;
  readonly pairs: readonly (readonly [loss: ReadRun, plain: ReadRun])[];
  /** for every two of the pairs: of the runs with the loss and of those without, of each layer */
  readonly agreements: readonly {
    readonly seeds: readonly [number, number];
    readonly sides: readonly (readonly Agreement[])[];
  }[];
}

/** @param comparison arm with the loss, arm without */
export function compareReadings(runs: readonly ReadRun[], [arm, baseline]: readonly [string, string]): ReadComparison {
  const pairs = pairsBySeed(runs, [arm, baseline]);
  const agreements = pairs.flatMap((first, a) =>
    pairs.slice(a + 1).map((second, i) => ({
      seeds: [a, a + 1 + i] as const,
      sides: [0, 1].map((side) =>
        first[side].taps.map(({ activations }, tap) => agreement(activations, second[side].taps[tap].activations)),
      ),
    })),
  );
  return { name: `${arm} against ${baseline}`, pairs, agreements };
}

/** Every figure over all layers, with and without the loss, by seed. */
export function readabilityTable(comparisons: readonly ReadComparison[]): ResultTable {
  const rows = comparisons.flatMap((comparison) => [
    ...readFigures.map(([figure, of]) => ({ comparison, figure, ...pairedFigure(comparison.pairs, of) })),
    ...AGREEMENTS.map((figure) => ({ comparison, figure, ...comparedAgreement(comparison, figure) })),
  ]);
  const adjusted = holm(rows.map(({ difference }) => difference.p));
  return {
    title: "Can the layers be read better with the loss?",
    note:
      `${figureNames.map((name) => `${name}: ${FIGURES[name]}`).join(". ")}. Each of these is the mean over the layers of the backbone. ` +
      `${deletionNames.map((name) => `${name}: ${DELETIONS[name]}`).join(". ")}; by the last layer of the first block, at 5 to 40 % of the cells ` +
      "with points. alignment: " +
      "linear centred kernel alignment of the same layer of two seeds, whose channels may be permuted and mixed; match: mean correlation of a " +
      "channel with the most alike one of the other seed. Figures: means over the seeds, differences by seed, Student's 95 % intervals and paired " +
      "t-tests. alignment and match: means over all pairs of seeds; intervals and p by the jackknife over the seeds, which the pairs share. " +
      "p by Holm: corrected for all rows.",
    columns: ["comparison", "figure", "seeds", ...FIGURE_COLUMNS],
    rows: rows.map(({ comparison, figure, ...figures }, i) => [
      comparison.name,
      figure,
      comparison.pairs.length,
      ...figureCells(figures, adjusted[i], 3),
    ]),
  };
}

/** The figures of whole runs, as differences over how much plain seeds differ, so that they have a common axis; one that never differs has none. */
export function readabilityDifferences(comparisons: readonly ReadComparison[]): ResultDifferences {
  return {
    id: "readability",
    title: "What the loss changes in the layers",
    note:
      "Each figure of the table below with the loss minus without, by seed, over its standard deviation between the seeds without: a pale point for every " +
      "pair, the mean and its 95 % interval (Student's t).",
    unit: "difference in standard deviations of plain seeds",
    rows: comparisons.flatMap(({ name, pairs }) =>
      readFigures.flatMap(([figure, of]) => {
        const scale = deviation(pairs.map(([, plain]) => of(plain)));
        const differences = pairs.map(([loss, plain]) => (of(loss) - of(plain)) / scale);
        return differenceRows(`${figure}, ${name}`, differences.filter(Number.isFinite));
      }),
    ),
  };
}

/** The same layer by layer. */
export function layersTable(comparisons: readonly ReadComparison[]): ResultTable {
  return {
    title: "Layer by layer",
    note: "Means over the seeds, without → with the loss. entropy: nats per dimension.",
    columns: ["comparison", "layer", "entropy", ...figureNames, ...AGREEMENTS],
    rows: comparisons.flatMap(({ name, pairs, agreements }) =>
      (pairs[0]?.[0].taps ?? []).map(({ block, tap }, i) => {
        const cell = (of: (tap: ReadTap) => number) =>
          change([1, 0].map((side) => mean(pairs.map((pair) => of(pair[side].taps[i])))));
        const agreed = (kind: keyof Agreement) =>
          agreements.length === 0
            ? null
            : change([1, 0].map((side) => mean(agreements.map(({ sides }) => sides[side][i][kind]))));
        return [
          name,
          `${block}.${tap}`,
          cell(({ entropy }) => entropy),
          ...figureNames.map((figure) => cell(({ figures }) => figures[figure])),
          ...AGREEMENTS.map(agreed),
        ];
      }),
    ),
  };
}

const meanOfLayers = (figure: keyof MapFigures) => (run: ReadRun) =>
  mean(run.taps.map(({ figures }) => figures[figure]));

/** Every figure of a run by itself. */
const readFigures: readonly (readonly [name: string, of: (run: ReadRun) => number])[] = [
  ...figureNames.map((figure) => [figure, meanOfLayers(figure)] as const),
  ...deletionNames.map((figure) => [figure, ({ deletion }: ReadRun) => deletion?.[figure] ?? 0] as const),
];

function comparedAgreement({ pairs, agreements }: ReadComparison, kind: keyof Agreement): PairedFigure {
  const values = agreements.map(({ seeds, sides }) => ({
    seeds,
    sides: sides.map((layers) => mean(layers.map((each) => each[kind]))),
  }));
  const over = (of: (sides: readonly number[]) => number) =>
    jackknifeOfPairs(
      pairs.length,
      values.map(({ seeds, sides }) => ({ members: seeds, value: of(sides) })),
    );
  return {
    loss: over(([loss]) => loss),
    plain: over(([, plain]) => plain),
    difference: over(([loss, plain]) => loss - plain),
  };
}

/** A value of two of some members. */
interface PairValue {
  readonly members: readonly [number, number];
  readonly value: number;
}

/**
 * The mean over all pairs of members with the interval that leaving out one member after the other gives (Quenouille, Tukey), and the p-value
 * that it is 0, by Student's t of one degree less than members. NaN with fewer than three members: there is nothing to leave out.
 */
export function jackknifeOfPairs(count: number, values: readonly PairValue[]): PairedDifference {
  const all = mean(values.map(({ value }) => value));
  if (count < 3) return { count: values.length, mean: all, low: Number.NaN, high: Number.NaN, p: Number.NaN };
  const without = Array.from({ length: count }, (_, out) =>
    mean(values.filter(({ members }) => !members.includes(out)).map(({ value }) => value)),
  );
  const middle = mean(without);
  const error = Math.sqrt(((count - 1) / count) * without.reduce((sum, value) => sum + (value - middle) ** 2, 0));
  const half = jstat.studentt.inv(0.975, count - 1) * error;
  const p = error === 0 ? Number(all === 0) : 2 * (1 - jstat.studentt.cdf(Math.abs(all) / error, count - 1));
  return { count: values.length, mean: all, low: all - half, high: all + half, p };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const change = (values: readonly number[]) => values.map((value) => value.toFixed(3).replace("-", "−")).join(" → ");
