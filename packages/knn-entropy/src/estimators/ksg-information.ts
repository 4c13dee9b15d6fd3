import { countWithin } from "../neighbours/count-within.js";
import { findNearest, type NearestNeighbours } from "../neighbours/nearest-neighbours.js";
import type { Samples, Values } from "../neighbours/samples.js";
import { joinSamples } from "./joined-samples.js";
import { type Noise, noisy } from "./noise.js";
import { digamma } from "./special-functions.js";
import { type Ties, tiesOfInformation } from "./ties.js";
import { perNat, type Units } from "./units.js";

/** Options of {@link ksgMutualInformation}. */
export interface KsgOptions {
  /** number of joint samples N */
  readonly rows: number;
  /** dimension of x */
  readonly xDims: number;
  /** dimension of y */
  readonly yDims: number;
  /** which neighbour, 1 ≤ k < N */
  readonly k: number;
  /** which of the paper's two estimators; default 1 */
  readonly algorithm?: 1 | 2;
  /** default `nats` */
  readonly units?: Units;
  /** tells equal samples apart; default none */
  readonly noise?: Noise;
}

/** A mutual information by counting. */
export interface KsgResult extends Ties {
  /** I(X;Y); may be negative, nothing is clipped */
  readonly information: number;
  /** [N] values whose mean is the information; NaN for samples with NaN or infinite values */
  readonly local: Float64Array;
  /** [N] samples within the radius of each sample in x alone */
  readonly xCounts: Int32Array;
  /** [N] the same in y */
  readonly yCounts: Int32Array;
}

/**
 * Mutual information of two continuous variables (Kraskov, Stögbauer and Grassberger 2004, equations 8 and 9), by the max
 * norm in the joint space and in each variable's:
 *
 * 1. ψ(k) + ψ(N) − ⟨ψ(n_x + 1) + ψ(n_y + 1)⟩, counting samples strictly nearer than the k-th joint neighbour;
 * 2. ψ(k) − 1/k + ψ(N) − ⟨ψ(n_x) + ψ(n_y)⟩, counting samples no farther in x (in y) than the farthest of the k neighbours.
 *
 * Ties go to the lowest index, so heavily tied data is estimated far too high by 1, too low by 2: `warning` says so; noise, or
 * {@link mixedMutualInformation}, helps. Counts are piecewise
 * constant: there is no gradient ({@link klMutualInformation} has one).
 * @param x [rows, xDims] row-major
 * @param y [rows, yDims] row-major
 * @throws TypeError for another kind of array, RangeError for sizes that disagree, k outside 1..rows − 1, another algorithm
 *         or unit, or bad noise
 */
export function ksgMutualInformation(x: Values, y: Values, options: KsgOptions): KsgResult {
  const { rows, k, algorithm = 1, units = "nats" } = options;
  const where = "ksgMutualInformation";
  const factor = perNat(where, units);
  if (algorithm !== 1 && algorithm !== 2) {
    throw new RangeError(`${where}: expected 1 or 2 for algorithm, got ${String(algorithm)}`);
  }
  const { found, counts, ties } = (algorithm === 1 ? ballCounts : boxCounts)(where, { x, y }, options);
  const [xCounts, yCounts] = counts;
  const constant = digamma(k) + digamma(rows) - (algorithm === 1 ? 0 : 1 / k);
  const more = algorithm === 1 ? 1 : 0;
  const local = new Float64Array(rows).map((_, i) => {
    if (found.neighbours[i * k + k - 1] < 0) return NaN;
    return factor * (constant - digamma(xCounts[i] + more) - digamma(yCounts[i] + more));
  });
  return { information: local.reduce((sum, value) => sum + value, 0) / rows, local, xCounts, yCounts, ...ties };
}

/** The k joint neighbours of each sample, and the variables as samples. */
function search(where: string, { x, y }: { readonly x: Values; readonly y: Values }, options: KsgOptions) {
  const { rows, xDims, yDims, k, noise } = options;
  const given = [
    { name: "x", data: x, dims: xDims },
    { name: "y", data: y, dims: yDims },
  ];
  const variables = noisy(where, given, rows, noise);
  const joint = joinSamples(where, variables, rows, k);
  const found = findNearest({ data: joint, rows, dims: xDims + yDims }, k, "max");
  const radii = kthDistances(found);
  const samples: Samples[] = variables.map(({ data, dims }) => ({ data, rows, dims }));
  const help = "add noise (option noise) or use mixedMutualInformation";
  return { joint, found, radii, samples, ties: tiesOfInformation(radii, help) };
}

/** Counts of the first estimator: strictly nearer than the k-th joint neighbour, in each variable. */
function ballCounts(...[where, variables, options]: Parameters<typeof search>) {
  const searched = search(where, variables, options);
  return { ...searched, counts: searched.samples.map((each) => countWithin(each, searched.radii, false)) };
}

/** Counts of the second: no farther, in each variable, than the farthest of the k joint neighbours. */
export function boxCounts(...[where, variables, options]: Parameters<typeof search>) {
  const searched = search(where, variables, options);
  const extents = searched.samples.map((each) => largestExtents(each, searched.found));
  return { ...searched, extents, counts: searched.samples.map((each, v) => countWithin(each, extents[v], true)) };
}

/** [N] distance to the k-th neighbour. */
export function kthDistances({ k, distances }: NearestNeighbours): Float64Array {
  return new Float64Array(distances.length / k).map((_, i) => distances[i * k + k - 1]);
}

/** [N] largest distance by the max norm to any of the k neighbours, in one variable alone. */
function largestExtents({ data, rows, dims }: Samples, { k, neighbours }: NearestNeighbours): Float64Array {
  const largest = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    for (let at = i * k; at < i * k + k; at++) {
      const other = neighbours[at];
      if (other < 0) largest[i] = NaN;
      for (let d = 0; d < dims; d++) {
        largest[i] = Math.max(largest[i], Math.abs(data[i * dims + d] - data[other * dims + d]));
      }
    }
  }
  return largest;
}
