import { kthNeighbours, type NeighbourOptions } from "../neighbours/kth-neighbours.js";
import { logRadiusGradient } from "../neighbours/log-radius-gradient.js";
import { checkFloor, checkNorm, checkSamples, type KthNeighbours, type Values } from "../neighbours/samples.js";
import { checkResult } from "./kl-entropy.js";
import { type Noise, noisy } from "./noise.js";
import { digamma, logGamma, logUnitBallVolume } from "./special-functions.js";
import { type Ties, tiesOfEntropy } from "./ties.js";
import { perNat, type Units } from "./units.js";

/** Options of {@link renyiEntropy} and {@link tsallisEntropy}. */
export interface OrderOptions extends NeighbourOptions {
  /** order, any finite number below k + 1; 1 is the Shannon entropy */
  readonly q: number;
  /** smallest radius, in the unit of x: shorter ones count as this long and have no gradient; default 0 */
  readonly floor?: number;
  /** tells equal samples apart; default none. The gradient takes the same. */
  readonly noise?: Noise;
}

/** Options of {@link renyiEntropy}. */
export interface RenyiOptions extends OrderOptions {
  /** default `nats` */
  readonly units?: Units;
}

/** An entropy of some order, and the neighbours that its gradient needs. */
export interface OrderResult extends KthNeighbours, Ties {
  readonly entropy: number;
}

/**
 * Rényi entropy log(∫ f^q) / (1 − q) of a density from samples of it. With r_i the distance to the k-th nearest
 * other sample, ζ_i = (N − 1) C_k c_D r_i^D, C_k = [Γ(k)/Γ(k + 1 − q)]^{1/(1 − q)} and I = mean ζ_i^{1 − q}: log I / (1 − q).
 * At q = 1 the limit, mean log ζ_i with C_1 = e^{−ψ(k)}: the Kozachenko–Leonenko estimate with log(N − 1) for ψ(N). Within
 * 1e-6 of 1 rounding costs some 1e-9. (Leonenko, Pronzato and Savani 2008, equations 3.1 and 3.2.)
 * @param x [rows, dims] row-major
 * @throws TypeError for another kind of array, RangeError for sizes that disagree, k outside 1..rows − 1, q not below k + 1,
 *         a bad floor, unit or noise
 */
export function renyiEntropy(x: Values, { units = "nats", ...options }: RenyiOptions): OrderResult {
  const factor = perNat("renyiEntropy", units);
  const found = searched("renyiEntropy", x, options);
  const powers = logPowers(found.radii, options);
  const entropy = options.q === 1 ? mean(powers) : logMeanExp(powers) / (1 - options.q);
  return { entropy: factor * entropy, ...found };
}

/**
 * Tsallis entropy (1 − ∫ f^q) / (q − 1) from the same I as {@link renyiEntropy}: (1 − I) / (q − 1); at q = 1 the same as
 * there. Not a logarithm, so it has no choice of unit.
 */
export function tsallisEntropy(x: Values, options: OrderOptions): OrderResult {
  const found = searched("tsallisEntropy", x, options);
  const powers = logPowers(found.radii, options);
  const entropy = options.q === 1 ? mean(powers) : Math.expm1(logMeanExp(powers)) / (1 - options.q);
  return { entropy, ...found };
}

/**
 * Gradient of {@link renyiEntropy} with respect to x, [rows, dims], the k-th neighbours held: sample i pulls at its
 * neighbour with (D/N) ζ_i^{1 − q} / I per log r_i.
 * @param result what `renyiEntropy` returned
 * @throws as `renyiEntropy`, RangeError for a result of another size
 */
export function renyiEntropyGradient(
  x: Values,
  result: KthNeighbours,
  { units = "nats", ...options }: RenyiOptions,
): Float64Array {
  const factor = perNat("renyiEntropyGradient", units);
  const data = checkedSamples("renyiEntropyGradient", x, options);
  checkResult("renyiEntropyGradient", result, options.rows);
  const powers = logPowers(result.radii, options);
  const logSum = options.q === 1 ? 0 : logMeanExp(powers);
  const shares = powers.map((power) => factor * (options.q === 1 ? 1 : Math.exp(power - logSum)));
  return pulled(data, result, shares, options);
}

/** Gradient of {@link tsallisEntropy}: as {@link renyiEntropyGradient} with (D/N) ζ_i^{1 − q}. */
export function tsallisEntropyGradient(x: Values, result: KthNeighbours, options: OrderOptions): Float64Array {
  const data = checkedSamples("tsallisEntropyGradient", x, options);
  checkResult("tsallisEntropyGradient", result, options.rows);
  const shares = logPowers(result.radii, options).map((power) => (options.q === 1 ? 1 : Math.exp(power)));
  return pulled(data, result, shares, options);
}

/** [N] log ζ_i^{1 − q}, or log ζ_i for q = 1. */
function logPowers(radii: Float64Array, { dims, k, q, norm = "euclidean", floor = 0 }: OrderOptions): Float64Array {
  const logC = q === 1 ? -digamma(k) : (logGamma(k) - logGamma(k + 1 - q)) / (1 - q);
  const constant = Math.log(radii.length - 1) + logC + logUnitBallVolume(dims, norm);
  const power = q === 1 ? 1 : 1 - q;
  return radii.map((radius) => power * (constant + dims * Math.log(Math.max(radius, floor))));
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** log of the mean of exp(value), without leaving the range. */
function logMeanExp(values: Float64Array): number {
  let largest = -Infinity;
  for (const value of values) largest = Math.max(largest, value);
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum / values.length);
}

/** Gradient of a function whose derivative to log r_i is (D/N) shares[i]. */
function pulled(data: Values, result: KthNeighbours, shares: Float64Array, options: OrderOptions): Float64Array {
  const { rows, dims, norm = "euclidean", floor = 0 } = options;
  return logRadiusGradient({ data, rows, dims }, result, { scale: dims / rows, shares, norm, floor });
}

function searched(where: string, x: Values, options: OrderOptions): KthNeighbours & Ties {
  const found = kthNeighbours(checkedSamples(where, x, options), options);
  return { ...found, ...tiesOfEntropy(found.radii, options.floor ?? 0, options.q) };
}

/** The samples, with noise where that is asked for. */
function checkedSamples(where: string, x: Values, options: OrderOptions): Values {
  const { rows, dims, k, q, norm = "euclidean", floor = 0, noise } = options;
  checkSamples(where, x, rows, dims, k);
  checkNorm(where, norm);
  checkFloor(where, floor);
  if (!Number.isFinite(q) || q >= k + 1) {
    throw new RangeError(`${where}: expected a finite number below k + 1 = ${k + 1} for q, got ${q}`);
  }
  return noisy(where, [{ name: "x", data: x, dims }], rows, noise)[0].data;
}
