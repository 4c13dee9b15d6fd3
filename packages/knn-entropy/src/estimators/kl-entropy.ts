import { kthNeighbours, type NeighbourOptions } from "../neighbours/kth-neighbours.js";
import { logRadiusGradient } from "../neighbours/log-radius-gradient.js";
import {
  checkFloor,
  checkNorm,
  checkSamples,
  type KthNeighbours,
  type Norm,
  type Values,
} from "../neighbours/samples.js";
import { type Noise, noisy } from "./noise.js";
import { digamma, logUnitBallVolume } from "./special-functions.js";
import { type Ties, tiesOfEntropy } from "./ties.js";
import { perNat, type Units } from "./units.js";

/** Options of {@link klEntropy}. */
export interface KlOptions extends NeighbourOptions {
  /** smallest radius, in the unit of x: shorter ones count as this long and have no gradient; default 0 */
  readonly floor?: number;
  /** default `nats` */
  readonly units?: Units;
  /** tells equal samples apart; default none. The gradient takes the same. */
  readonly noise?: Noise;
}

/** An entropy, and the neighbours that its gradient needs. */
export interface KlResult extends KthNeighbours, Ties {
  /** H; −Infinity if a radius is 0 and the floor too */
  readonly entropy: number;
  /** H / D */
  readonly entropyPerDimension: number;
  /** [N] Ĥ_i = ψ(N) − ψ(k) + log c_D + D log max(r_i, floor), whose mean is H */
  readonly local: Float64Array;
}

/**
 * Kozachenko–Leonenko estimate of the differential entropy of a density from samples of it:
 * H = ψ(N) − ψ(k) + log c_D + (D/N) Σ log max(r_i, floor), with r_i the distance to the k-th nearest other sample and c_D
 * the volume of the unit ball. (Kozachenko and Leonenko 1987; max norm as in Kraskov, Stögbauer and Grassberger 2004.)
 * @param x [rows, dims] row-major, Float32Array or Float64Array; used at full precision
 * @throws TypeError for another kind of array, RangeError for sizes that disagree, k outside 1..rows − 1, a bad floor,
 * unit or noise
 */
export function klEntropy(x: Values, options: KlOptions): KlResult {
  const { rows, dims, k, norm = "euclidean", floor = 0, units = "nats", noise } = options;
  checkSamples("klEntropy", x, rows, dims, k);
  checkNorm("klEntropy", norm);
  checkFloor("klEntropy", floor);
  const factor = perNat("klEntropy", units);
  const [{ data }] = noisy("klEntropy", [{ name: "x", data: x, dims }], rows, noise);
  const found = kthNeighbours(data, options);
  const entropyPerDimension = factor * perDimensionFromRadii(found.radii, { dims, k, norm, floor });
  const constant = digamma(rows) - digamma(k) + logUnitBallVolume(dims, norm);
  const local = found.radii.map((radius) => factor * (constant + dims * Math.log(Math.max(radius, floor))));
  const ties = tiesOfEntropy(found.radii, floor);
  return { entropy: dims * entropyPerDimension, entropyPerDimension, local, ...found, ...ties };
}

/**
 * Gradient of {@link klEntropy}'s `entropy` with respect to x, [rows, dims]: the k-th neighbours stay who they are.
 * Edge i → neighbour has weight D / (N r_i) along the difference; none where r_i is below the floor or 0.
 * @param x      the samples given to `klEntropy`
 * @param result what it returned
 * @throws TypeError or RangeError as `klEntropy`, RangeError for a result of another size
 */
export function klEntropyGradient(x: Values, result: KthNeighbours, options: KlOptions): Float64Array {
  const { rows, dims, k, norm = "euclidean", floor = 0, units = "nats", noise } = options;
  checkSamples("klEntropyGradient", x, rows, dims, k);
  checkNorm("klEntropyGradient", norm);
  checkFloor("klEntropyGradient", floor);
  checkResult("klEntropyGradient", result, rows);
  const scale = (perNat("klEntropyGradient", units) * dims) / rows;
  const [{ data }] = noisy("klEntropyGradient", [{ name: "x", data: x, dims }], rows, noise);
  return logRadiusGradient({ data, rows, dims }, result, { scale, norm, floor });
}

/** H / D from the radii: (ψ(N) − ψ(k) + log c_D) / D + mean log max(r, floor). */
export function perDimensionFromRadii(
  radii: Float64Array,
  { dims, k, norm, floor }: { readonly dims: number; readonly k: number; readonly norm: Norm; readonly floor: number },
): number {
  let sum = 0;
  for (const radius of radii) sum += Math.log(Math.max(radius, floor));
  const constant = digamma(radii.length) - digamma(k) + logUnitBallVolume(dims, norm);
  return constant / dims + sum / radii.length;
}

/** @throws RangeError unless the result belongs to as many samples */
export function checkResult(where: string, { radii, neighbours }: KthNeighbours, rows: number): void {
  if (radii.length !== rows || neighbours.length !== rows) {
    throw new RangeError(
      `${where}: expected ${rows} radii and neighbours for result, got ${radii.length} and ${neighbours.length}`,
    );
  }
}
