import { equalSamples } from "../neighbours/equal-samples.js";
import { checkArray, type Values } from "../neighbours/samples.js";
import { perNat, type Units } from "./units.js";

/** Options of {@link discreteEntropy}. */
export interface DiscreteOptions {
  /** number of samples N */
  readonly rows: number;
  /** their dimension D */
  readonly dims: number;
  /** default `none`: the plug-in estimate, which is too low */
  readonly correction?: "none" | "miller-madow";
  /** default `nats` */
  readonly units?: Units;
}

/** An entropy of a discrete variable. */
export interface DiscreteResult {
  /** H ≥ 0; NaN if a sample has NaN or infinite values */
  readonly entropy: number;
  /** [M] how often each different sample was met, in order of first appearance */
  readonly counts: Int32Array;
}

/**
 * Entropy of a discrete variable from samples of it: −Σ p log p with p the shares of the M different samples, and (M − 1)/(2N)
 * more with `miller-madow` (Miller 1955), the first term of the bias.
 * @param x [rows, dims] row-major; samples are the same where all coordinates are equal
 * @throws TypeError for another kind of array, RangeError for sizes that disagree, another correction or unit
 */
export function discreteEntropy(
  x: Values,
  { rows, dims, correction = "none", units = "nats" }: DiscreteOptions,
): DiscreteResult {
  const where = "discreteEntropy";
  const factor = perNat(where, units);
  checkArray(where, x, rows, dims);
  if (correction !== "none" && correction !== "miller-madow") {
    throw new RangeError(`${where}: expected none or miller-madow for correction, got ${String(correction)}`);
  }
  const { groupOf, groups } = equalSamples({ data: x, rows, dims });
  const counts = new Int32Array(groups);
  for (const group of groupOf) if (group >= 0) counts[group]++;
  if (groupOf.includes(-1)) return { entropy: NaN, counts };
  const plugIn = counts.reduce((sum, count) => sum - (count / rows) * Math.log(count / rows), 0);
  const more = correction === "miller-madow" ? (groups - 1) / (2 * rows) : 0;
  return { entropy: factor * (plugIn + more), counts };
}
