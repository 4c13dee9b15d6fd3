import type { NearestNeighbours } from "../neighbours/nearest-neighbours.js";
import type { Values } from "../neighbours/samples.js";
import { boxCounts, type KsgOptions, type KsgResult } from "./ksg-information.js";
import { rightSingular } from "./singular-values.js";
import { digamma } from "./special-functions.js";
import { perNat } from "./units.js";

/** Options of {@link lncMutualInformation}; k is at least xDims + yDims. */
export interface LncOptions extends Omit<KsgOptions, "algorithm"> {
  /** share of the box's volume below which a turned one replaces it, in (0, 1]; default 0.25, as in the authors' program */
  readonly threshold?: number;
}

/** Where turning the boxes mattered. */
export interface LncResult extends KsgResult {
  /** [N] log V − log V̄ ≥ 0, 0 where the box was kept; in the unit asked for */
  readonly corrections: Float64Array;
}

/**
 * Mutual information of strongly dependent variables (Gao, Ver Steeg and Galstyan 2015): Kraskov's second estimator plus
 * ⟨log(V_i/V̄_i)⟩, for density that is far from uniform within the boxes of the k neighbours. V_i is the volume of the
 * box along x and y around the k neighbours of sample i, V̄_i that of the one along their principal axes through the
 * sample; where V̄_i ≥ threshold · V_i nothing is added. A smaller threshold corrects less, a larger one also noise: the paper
 * chooses it by simulation for each k and dimension. Samples on a line give Infinity, which a deterministic relation has. A box of
 * no extent is kept.
 * @param x [rows, xDims] row-major
 * @param y [rows, yDims] row-major
 * @throws TypeError for another kind of array, RangeError for sizes that disagree, k outside xDims + yDims..rows − 1, a
 *         threshold outside (0, 1], another unit or bad noise
 */
export function lncMutualInformation(x: Values, y: Values, options: LncOptions): LncResult {
  const { rows, xDims, yDims, k, threshold = 0.25, units = "nats" } = options;
  const where = "lncMutualInformation";
  const factor = perNat(where, units);
  if (!(threshold > 0 && threshold <= 1)) {
    throw new RangeError(`${where}: expected a number in (0, 1] for threshold, got ${threshold}`);
  }
  const dims = xDims + yDims;
  if (k < dims) throw new RangeError(`${where}: expected at least xDims + yDims = ${dims} for k, got ${k}`);
  const { joint, found, extents, counts, ties } = boxCounts(where, { x, y }, options);
  const [xCounts, yCounts] = counts;
  const corrections = new Float64Array(rows).map((_, i) => {
    const [xSide, ySide] = [extents[0][i], extents[1][i]];
    if (!(xSide > 0 && ySide > 0)) return 0;
    const side = Math.max(xSide, ySide);
    const log = xDims * Math.log(xSide / side) + yDims * Math.log(ySide / side);
    const turned = logTurnedBox(joint, dims, found, i, side);
    return turned - log < Math.log(threshold) ? factor * (log - turned) : 0;
  });
  const constant = digamma(k) + digamma(rows) - 1 / k;
  const local = corrections.map((correction, i) => {
    if (found.neighbours[i * k + k - 1] < 0) return NaN;
    return correction + factor * (constant - digamma(xCounts[i]) - digamma(yCounts[i]));
  });
  const information = local.reduce((sum, value) => sum + value, 0) / rows;
  return { information, local, xCounts, yCounts, corrections, ...ties };
}

/** Σ_l log of the largest offset of a neighbour along the l-th principal axis, offsets divided by `side`. */
function logTurnedBox(
  joint: Float64Array,
  dims: number,
  { k, neighbours }: NearestNeighbours,
  i: number,
  side: number,
): number {
  const offsets = new Float64Array(dims * k); // column after column
  for (let d = 0; d < dims; d++) {
    for (let member = 0; member < k; member++) {
      const other = neighbours[i * k + member];
      offsets[d * k + member] = (joint[other * dims + d] - joint[i * dims + d]) / side;
    }
  }
  const { images } = rightSingular(offsets, dims, k);
  let sum = 0;
  for (let l = 0; l < dims; l++) {
    let largest = 0;
    for (let member = 0; member < k; member++) largest = Math.max(largest, Math.abs(images[l * k + member]));
    sum += Math.log(largest);
  }
  return sum;
}
