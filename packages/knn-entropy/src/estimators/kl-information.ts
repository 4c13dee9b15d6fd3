import type { Values } from "../neighbours/samples.js";
import { joinSamples } from "./joined-samples.js";
import { type KlOptions, type KlResult, klEntropy, klEntropyGradient } from "./kl-entropy.js";

/** Options of {@link klMutualInformation}. */
export interface KlInformationOptions extends Omit<KlOptions, "dims"> {
  /** dimension of x */
  readonly xDims: number;
  /** dimension of y */
  readonly yDims: number;
}

/** A mutual information from three entropies, each with what its gradient needs. */
export interface KlInformationResult {
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
 * @throws TypeError for another kind of array, RangeError for sizes that disagree, k outside 1..rows − 1, a bad floor or unit
 */
export function klMutualInformation(x: Values, y: Values, options: KlInformationOptions): KlInformationResult {
  const { joint, xOptions, yOptions, jointOptions } = parts("klMutualInformation", x, y, options);
  const results = {
    x: klEntropy(x, xOptions),
    y: klEntropy(y, yOptions),
    joint: klEntropy(joint, jointOptions),
  };
  return { information: results.x.entropy + results.y.entropy - results.joint.entropy, ...results };
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
  const { joint, xOptions, yOptions, jointOptions } = parts(where, samples.x, samples.y, options);
  const x = klEntropyGradient(samples.x, result.x, xOptions);
  const y = klEntropyGradient(samples.y, result.y, yOptions);
  const both = klEntropyGradient(joint, result.joint, jointOptions);
  const width = xDims + yDims;
  for (let i = 0; i < rows; i++) {
    for (let d = 0; d < xDims; d++) x[i * xDims + d] -= both[i * width + d];
    for (let d = 0; d < yDims; d++) y[i * yDims + d] -= both[i * width + xDims + d];
  }
  return { x, y };
}

function parts(where: string, x: Values, y: Values, { xDims, yDims, ...shared }: KlInformationOptions) {
  const variables = [
    { name: "x", data: x, dims: xDims },
    { name: "y", data: y, dims: yDims },
  ];
  return {
    joint: joinSamples(where, variables, shared.rows, shared.k),
    xOptions: { ...shared, dims: xDims },
    yOptions: { ...shared, dims: yDims },
    jointOptions: { ...shared, dims: xDims + yDims },
  };
}
