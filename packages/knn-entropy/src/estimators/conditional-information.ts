import { countWithin } from "../neighbours/count-within.js";
import { findNearest } from "../neighbours/nearest-neighbours.js";
import type { Values } from "../neighbours/samples.js";
import { joinSamples } from "./joined-samples.js";
import { kthDistances } from "./ksg-information.js";
import { type Noise, noisy } from "./noise.js";
import { digamma } from "./special-functions.js";
import { type Ties, tiesOfInformation } from "./ties.js";
import { perNat, type Units } from "./units.js";

/** Samples of three variables that were observed together. */
export interface ConditionalParts {
  /** [rows, xDims] row-major */
  readonly x: Values;
  /** [rows, yDims] row-major */
  readonly y: Values;
  /** [rows, givenDims] row-major: the variable Z that is known */
  readonly given: Values;
}

/** Options of {@link conditionalMutualInformation}. */
export interface ConditionalOptions {
  /** number of joint samples N */
  readonly rows: number;
  readonly xDims: number;
  readonly yDims: number;
  readonly givenDims: number;
  /** which neighbour, 1 ≤ k < N */
  readonly k: number;
  /** default `nats` */
  readonly units?: Units;
  /** tells equal samples apart; default none */
  readonly noise?: Noise;
}

/** A conditional mutual information by counting. */
export interface ConditionalResult extends Ties {
  /** I(X;Y|Z); may be negative, nothing is clipped */
  readonly information: number;
  /** [N] values whose mean is the information; NaN for samples with NaN or infinite values */
  readonly local: Float64Array;
}

/**
 * Conditional mutual information of continuous variables (Frenzel and Pompe 2007), after Kraskov's first estimator:
 *
 *     I(X;Y|Z) = ψ(k) + ⟨ψ(n_z + 1) − ψ(n_xz + 1) − ψ(n_yz + 1)⟩
 *
 * with counts, by the max norm in the space of Z, (X,Z) and (Y,Z), of the samples strictly nearer than the k-th neighbour in
 * the space of (X,Y,Z). Ties and gradient as in {@link ksgMutualInformation}.
 * @throws TypeError for another kind of array, RangeError for sizes that disagree, k outside 1..rows − 1, another unit or bad noise
 */
export function conditionalMutualInformation(parts: ConditionalParts, options: ConditionalOptions): ConditionalResult {
  const { rows, k, units = "nats" } = options;
  const where = "conditionalMutualInformation";
  const factor = perNat(where, units);
  const variables = [
    { name: "x", data: parts.x, dims: options.xDims },
    { name: "y", data: parts.y, dims: options.yDims },
    { name: "given", data: parts.given, dims: options.givenDims },
  ];
  const [x, y, given] = noisy(where, variables, rows, options.noise);
  const joined = (...variables: (typeof x)[]) => ({
    data: joinSamples(where, variables, rows, k),
    rows,
    dims: variables.reduce((sum, { dims }) => sum + dims, 0),
  });
  const found = findNearest(joined(x, y, given), k, "max");
  const radii = kthDistances(found);
  const inGiven = countWithin(joined(given), radii, false);
  const withX = countWithin(joined(x, given), radii, false);
  const withY = countWithin(joined(y, given), radii, false);
  const local = radii.map((radius, i) => {
    if (Number.isNaN(radius)) return NaN;
    return factor * (digamma(k) + digamma(inGiven[i] + 1) - digamma(withX[i] + 1) - digamma(withY[i] + 1));
  });
  return {
    information: local.reduce((sum, value) => sum + value, 0) / rows,
    local,
    ...tiesOfInformation(radii, "add noise (option noise)"),
  };
}
