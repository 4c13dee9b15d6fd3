import type { DataDescription } from "./report-data.js";

/** Everything that the page of an experiment shows: the same as its `results.json`. */
export interface ExperimentData {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  /** what the paper says about it */
  readonly paper: string;
  /** when the results were put together, ISO 8601 */
  readonly made: string;
  /** what makes them again */
  readonly command: string;
  readonly data: DataDescription;
  /** what else is worth knowing, as label and value: size, epochs, versions */
  readonly facts: readonly (readonly [label: string, value: string])[];
  /** what follows, in a sentence or two, for experiments that have an answer */
  readonly answer?: string;
  /** what pairs of runs say, drawn first */
  readonly differences: readonly ResultDifferences[];
  readonly charts: readonly ResultChart[];
  readonly tables: readonly ResultTable[];
}

/** How much something changes a figure, from pairs of runs that differ in it alone. */
export interface ResultDifferences {
  /** lower-case word that no other drawing of the experiment has */
  readonly id: string;
  readonly title: string;
  /** how to read it */
  readonly note: string;
  /** of the figure */
  readonly unit: string;
  /** a difference that is smaller counts as none */
  readonly alike?: number;
  readonly rows: readonly ResultDifference[];
}

/** Differences of at least one pair, and their mean. */
export interface ResultDifference {
  readonly name: string;
  readonly pairs: readonly number[];
  readonly mean: number;
  /** 95 % interval of the mean; `null` of a single pair */
  readonly low: number | null;
  readonly high: number | null;
}

/** A table; cells are shown as they are, `null` as a dash. */
export interface ResultTable {
  readonly title: string;
  /** how to read it */
  readonly note: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** Lines over a common axis, or points with an interval if a series has a single point per place. */
export interface ResultChart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** at most `MAX_RUNS` can be told apart by colour; more share colours */
  readonly series: readonly ResultSeries[];
}

/** One line: points with an optional interval around each. */
export interface ResultSeries {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly low?: number; readonly high?: number }[];
}
