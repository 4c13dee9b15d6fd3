import type { Values } from "../neighbours/samples.js";
import { joinSamples } from "./joined-samples.js";
import { type KlOptions, type KlResult, klEntropy, klEntropyGradient } from "./kl-entropy.js";
import { noisy } from "./noise.js";
import type { Ties } from "./ties.js";

/** Options of {@link klMutualInformation}. */
export interface KlInformationOptions extends Omit<KlOptions, "dims"> {
  /** dimension of x */
  readonly xDims: number;
  /** dimension of y */
  readonly yDims: number;
}

/** A mutual information from three entropies, each with what its gradient needs. */
export interface KlInformationResult extends Ties {
  /** H(X) + H(Y) − H(X,Y) */
  readonly information: number;
  readonly x: KlResult;
  readonly y: KlResult;
  readonly joint: KlResult;
}

/**
 * Mutual information as H(X) + H(Y) − H(X,Y), each by {@link klEntropy} with its own neighbours. More biased than
 * {@link ksgMutualInformation}, but it has a gradient.
 * @param x [rows, xDims] row-major
 * @param y [rows, yDims] row-major
 * @throws TypeError for another kind of array, RangeError for sizes that disagree, k outside 1..rows − 1, a bad floor, unit or noise
 */
export function klMutualInformation(x: Values, y: Values, options: KlInformationOptions): KlInformationResult {
  const { joint, xs, ys, xOptions, yOptions, jointOptions } = parts("klMutualInformation", x, y, options);
  const results = {
    x: klEntropy(xs, xOptions),
    y: klEntropy(ys, yOptions),
    joint: klEntropy(joint, jointOptions),
  };
  const information = results.x.entropy + results.y.entropy - results.joint.entropy;
  // the ties of the one that has most
  const { zeroDistances, warning } = Object.values(results).reduce((most, each) =>
    each.zeroDistances > most.zeroDistances ? each : most,
  );
  return { information, ...results, zeroDistances, ...(warning !== undefined && { warning }) };
}

/** Gradient of a mutual information with respect to either variable. */
export interface InformationGradient {
  /** [rows, xDims] */
  readonly x: Float64Array;
  /** [rows, yDims] */
  readonly y: Float64Array;
}

/**
 * Gradient of {@link klMutualInformation}, the k-th neighbours held.
 * @param samples the x and y given to `klMutualInformation`
 * @param result  what it returned
 * @throws as `klMutualInformation`, RangeError for a result of another size
 */
export function klMutualInformationGradient(
  samples: { readonly x: Values; readonly y: Values },
  result: KlInformationResult,
  options: KlInformationOptions,
): InformationGradient {
  const { rows, xDims, yDims } = options;
  const where = "klMutualInformationGradient";
  const { joint, xs, ys, xOptions, yOptions, jointOptions } = parts(where, samples.x, samples.y, options);
  const x = klEntropyGradient(xs, result.x, xOptions);
  const y = klEntropyGradient(ys, result.y, yOptions);
  const both = klEntropyGradient(joint, result.joint, jointOptions);
  const width = xDims + yDims;
  for (let i = 0; i < rows; i++) {
    for (let d = 0; d < xDims; d++) x[i * xDims + d] -= both[i * width + d];
    for (let d = 0; d < yDims; d++) y[i * yDims + d] -= both[i * width + xDims + d];
  }
  return { x, y };
}

function parts(where: string, x: Values, y: Values, { xDims, yDims, noise, ...shared }: KlInformationOptions) {
  const given = [
    { name: "x", data: x, dims: xDims },
    { name: "y", data: y, dims: yDims },
  ];
  const variables = noisy(where, given, shared.rows, noise);
  return {
    xs: variables[0].data,
    ys: variables[1].data,
    joint: joinSamples(where, variables, shared.rows, shared.k),
    xOptions: { ...shared, dims: xDims },
    yOptions: { ...shared, dims: yDims },
    jointOptions: { ...shared, dims: xDims + yDims },
  };
}
