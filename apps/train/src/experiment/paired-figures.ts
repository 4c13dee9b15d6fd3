import { formatDifference, formatInterval, formatP } from "./format-statistics.js";
import { type MeanInterval, meanInterval, type PairedDifference, pairedDifference } from "./statistics.js";

/** A figure of runs with the loss and of their twins without. */
export interface PairedFigure {
  readonly plain: MeanInterval;
  readonly loss: MeanInterval;
  /** with the loss minus without */
  readonly difference: PairedDifference;
}

/** @param pairs by seed: with the loss, without */
export function pairedFigure<T>(
  pairs: readonly (readonly [loss: T, plain: T])[],
  of: (run: T) => number,
): PairedFigure {
  const [loss, plain] = [0, 1].map((side) => pairs.map((pair) => of(pair[side])));
  return { loss: meanInterval(loss), plain: meanInterval(plain), difference: pairedDifference(loss, plain) };
}

/** Columns of {@link figureCells}. */
export const FIGURE_COLUMNS = ["without", "with", "difference", "p by Holm"] as const;

/** @param adjusted p-value, corrected for all rows of the table */
export function figureCells({ plain, loss, difference }: PairedFigure, adjusted: number, digits: number) {
  return [
    formatInterval(plain, digits),
    formatInterval(loss, digits),
    formatDifference(difference, digits),
    formatP(adjusted),
  ];
}
