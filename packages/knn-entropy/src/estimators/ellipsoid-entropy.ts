import { logRadiusGradient } from "../neighbours/log-radius-gradient.js";
import { type NearestNeighbours, nearestNeighbours } from "../neighbours/nearest-neighbours.js";
import { checkSamples, type Values } from "../neighbours/samples.js";
import { kthDistances } from "./ksg-information.js";
import { type Noise, noisy } from "./noise.js";
import { type RightSingular, rightSingular } from "./singular-values.js";
import { digamma, logUnitBallVolume } from "./special-functions.js";
import { type Ties, tiesOfEntropy } from "./ties.js";
import { perNat, type Units } from "./units.js";

/** Which correction: see {@link ellipsoidEntropy}. */
export type EllipsoidVariant = "lsb" | "lsb-self" | "kl-ellipsoid";

/** Options of {@link ellipsoidEntropy}. */
export interface EllipsoidOptions {
  /** number of samples N */
  readonly rows: number;
  /** their dimension D */
  readonly dims: number;
  /** neighbours that span the ellipsoid, D ≤ k < N */
  readonly k: number;
  /** default `lsb` */
  readonly variant?: EllipsoidVariant;
  /** default `nats` */
  readonly units?: Units;
  /** tells equal samples apart; default none. The gradient takes the same. */
  readonly noise?: Noise;
}

/** An entropy, and the neighbours that its gradient needs. */
export interface EllipsoidResult extends NearestNeighbours, Ties {
  /** H; −Infinity if some sample and its neighbours lie in a plane */
  readonly entropy: number;
  /** [N] values whose mean is H */
  readonly local: Float64Array;
  /** [N] neighbours of each sample inside its ellipsoid, of the k */
  readonly inside: Int32Array;
}

/** Axes that `kl-ellipsoid` looks at, at most. */
const MOST_AXES = 10;

/**
 * Entropy of a density from samples of it, with ellipsoids in place of balls: right where samples lie near a surface or on
 * scales that differ. The ellipsoid at x_i has the half-axes r_i s_l/s_1 along v_l, where s_l and v_l are the singular values
 * and vectors of x_i and its k neighbours about their mean, and r_i is the distance to the k-th.
 *
 * - `lsb` (Lord, Sun and Bollt 2018): log N + log c_D + ⟨D log r_i + Σ_l log(s_l/s_1) − log max(1, k_i)⟩, k_i being the
 *   neighbours inside;
 * - `lsb-self`: 1 + k_i in place of max(1, k_i), x_i itself being counted, as some programs do;
 * - `kl-ellipsoid`: Kozachenko–Leonenko plus ⟨Σ_l log(s_l/s_1)⟩ over the ten largest axes at most, which the code of the
 *   Entropy Loss mentions in a comment. Far too low: the ball's count k goes with the ellipsoid's volume.
 *
 * Euclidean norm. In one dimension the k-th neighbour lies on the ellipsoid, and rounding decides whether it counts.
 * @param given [rows, dims] row-major
 * @throws TypeError for another kind of array, RangeError for sizes that disagree, k outside dims..rows − 1, another
 *         variant or unit, or bad noise
 */
export function ellipsoidEntropy(given: Values, options: EllipsoidOptions): EllipsoidResult {
  check("ellipsoidEntropy", given, options);
  const { rows, dims, k, variant = "lsb", units = "nats", noise } = options;
  const [{ data: x }] = noisy("ellipsoidEntropy", [{ name: "x", data: given, dims }], rows, noise);
  const factor = perNat("ellipsoidEntropy", units);
  const found = nearestNeighbours(x, { rows, dims, k });
  const radii = kthDistances(found);
  const counted = variant === "kl-ellipsoid" ? digamma(rows) - digamma(k) : Math.log(rows);
  const constant = counted + logUnitBallVolume(dims);
  const inside = new Int32Array(rows);
  const local = radii.map((radius, i) => {
    if (Number.isNaN(radius)) return NaN;
    if (radius === 0) return -Infinity;
    const { values, vectors } = rightSingular(neighbourhood(x, found, i, dims), dims, k + 1);
    inside[i] = countInside(x, found, i, { values, vectors, radius });
    let logAxes = 0;
    for (let l = 1; l < axesOf(variant, dims); l++) logAxes += Math.log(values[l] / values[0]);
    const members = variant === "lsb" ? Math.max(1, inside[i]) : variant === "lsb-self" ? 1 + inside[i] : 1;
    return factor * (constant + dims * Math.log(radius) + logAxes - Math.log(members));
  });
  return {
    entropy: local.reduce((sum, value) => sum + value, 0) / rows,
    local,
    inside,
    ...found,
    ...tiesOfEntropy(radii, 0),
  };
}

/**
 * Gradient of {@link ellipsoidEntropy} with respect to x, [rows, dims]; neighbours and the counts k_i are held. Σ_l log s_l
 * has the derivative Σ_l u_l v_lᵀ / s_l with respect to the centred neighbourhood, and log s_1 its first term. A sample
 * whose neighbourhood is flat (s_l = 0) has no gradient.
 * @param result what `ellipsoidEntropy` returned
 * @throws as `ellipsoidEntropy`, RangeError for a result of another size
 */
export function ellipsoidEntropyGradient(
  given: Values,
  result: NearestNeighbours,
  options: EllipsoidOptions,
): Float64Array {
  const where = "ellipsoidEntropyGradient";
  check(where, given, options);
  const { rows, dims, k, variant = "lsb", units = "nats", noise } = options;
  const [{ data: x }] = noisy(where, [{ name: "x", data: given, dims }], rows, noise);
  if (result.k !== k || result.neighbours.length !== rows * k) {
    throw new RangeError(`${where}: expected ${rows}·${k} neighbours for result, got ${result.neighbours.length}`);
  }
  const factor = perNat(where, units);
  const radii = kthDistances(result);
  const neighbours = new Int32Array(rows).map((_, i) => result.neighbours[i * k + k - 1]);
  const ofRadii = { scale: (factor * dims) / rows, norm: "euclidean", floor: 0 } as const;
  const gradient = logRadiusGradient({ data: x, rows, dims }, { radii, neighbours }, ofRadii);
  for (let i = 0; i < rows; i++) {
    if (!(radii[i] > 0)) continue;
    const shape = rightSingular(neighbourhood(x, result, i, dims), dims, k + 1);
    if (shape.values[dims - 1] > 0)
      addAxes(gradient, result, i, { ...shape, dims, variant, scale: factor / rows / radii[i] });
  }
  return gradient;
}

/** Adds the gradient of `scale · Σ_l log(s_l/s_1)` over sample i and its neighbours. */
function addAxes(
  gradient: Float64Array,
  { k, neighbours }: NearestNeighbours,
  i: number,
  shape: RightSingular & { readonly dims: number; readonly variant: EllipsoidVariant; readonly scale: number },
): void {
  const { values, vectors, images, dims, scale } = shape;
  const axes = axesOf(shape.variant, dims);
  for (let l = 0; l < axes; l++) {
    const weight = (scale * (l === 0 ? 1 - axes : 1)) / values[l] / values[l];
    for (let member = 0; member <= k; member++) {
      const row = member === 0 ? i : neighbours[i * k + member - 1];
      const pull = weight * images[l * (k + 1) + member];
      for (let d = 0; d < dims; d++) gradient[row * dims + d] += pull * vectors[l * dims + d];
    }
  }
}

/** [dims, k + 1] sample i and its neighbours about their mean, divided by the radius: column after column. */
function neighbourhood(
  x: Values,
  { k, neighbours, distances }: NearestNeighbours,
  i: number,
  dims: number,
): Float64Array {
  const radius = distances[i * k + k - 1];
  const out = new Float64Array(dims * (k + 1)); // offsets from x_i: its own is 0
  for (let d = 0; d < dims; d++) {
    let sum = 0;
    for (let member = 1; member <= k; member++) {
      const offset = (x[neighbours[i * k + member - 1] * dims + d] - x[i * dims + d]) / radius;
      out[d * (k + 1) + member] = offset;
      sum += offset;
    }
    for (let member = 0; member <= k; member++) out[d * (k + 1) + member] -= sum / (k + 1);
  }
  return out;
}

/** Neighbours j with Σ_l ((x_j − x_i)·v_l s_1/s_l)² ≤ r_i². */
function countInside(
  x: Values,
  { k, neighbours }: NearestNeighbours,
  i: number,
  { values, vectors, radius }: { values: Float64Array; vectors: Float64Array; radius: number },
): number {
  const dims = values.length;
  let count = 0;
  for (let at = i * k; at < i * k + k; at++) {
    let sum = 0;
    for (let l = 0; l < dims; l++) {
      let along = 0;
      for (let d = 0; d < dims; d++) {
        along += ((x[neighbours[at] * dims + d] - x[i * dims + d]) / radius) * vectors[l * dims + d];
      }
      const share = along === 0 ? 0 : (along * values[0]) / values[l];
      sum += share * share;
    }
    if (sum <= 1) count++;
  }
  return count;
}

/** Axes whose lengths enter. */
function axesOf(variant: EllipsoidVariant, dims: number): number {
  return variant === "kl-ellipsoid" ? Math.min(dims, MOST_AXES) : dims;
}

function check(where: string, x: Values, { rows, dims, k, variant = "lsb" }: EllipsoidOptions): void {
  checkSamples(where, x, rows, dims, k);
  if (k < dims) throw new RangeError(`${where}: expected at least dims = ${dims} for k, got ${k}`);
  if (variant !== "lsb" && variant !== "lsb-self" && variant !== "kl-ellipsoid") {
    throw new RangeError(`${where}: expected lsb, lsb-self or kl-ellipsoid for variant, got ${String(variant)}`);
  }
}
