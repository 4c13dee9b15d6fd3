import type { ProfileTensors } from "./entropy-loss.js";
import { checkDifferences, resolveTerms, type TermOptions } from "./options.js";

/** One block of a network in numbers. */
export interface BlockProfile {
  /** index of the block in the network */
  readonly block: number;
  /** H of each tap */
  readonly entropies: readonly number[];
  /** ΔH_n = H_{n+1} − H_n, one fewer */
  readonly differences: readonly number[];
  /** variance of the differences; 0 with fewer than two */
  readonly l1: number;
  /** the second term of this block; 0 for `none` */
  readonly l2: number;
}

/** A network's entropies in numbers, ready to be logged as JSON. */
export interface EntropyProfile {
  readonly blocks: readonly BlockProfile[];
  /** Σ over blocks, without weight */
  readonly l1: number;
  /** Σ over blocks, without weight */
  readonly l2: number;
  /** l1Weight · L1 + l2Weight · L2 */
  readonly loss: number;
}

/** Options of {@link entropyProfile}. */
export interface ProfileOptions extends TermOptions {
  /** index of each listed block in its network; default 0, 1, 2, … */
  readonly blocks?: readonly number[];
}

/**
 * Differences and loss terms of known entropies, in float64: the same formulas as `entropyLoss`, on plain numbers.
 * @param entropies H of each tap, block by block
 * @throws RangeError for an empty block, too few taps for the unbiased variance, or options out of range
 */
export function entropyProfile(
  entropies: readonly (readonly number[])[],
  options: ProfileOptions = {},
): EntropyProfile {
  const terms = resolveTerms("entropyProfile", options);
  const names = options.blocks ?? entropies.map((_, block) => block);
  if (names.length !== entropies.length) {
    throw new RangeError(`entropyProfile: expected ${entropies.length} indices for blocks, got ${names.length}`);
  }
  const blocks = entropies.map((h, at) => {
    checkDifferences("entropyProfile", names[at], h.length, terms.variance);
    const differences = h.slice(1).map((value, n) => value - h[n]);
    const l1 = varianceOf(differences, terms.variance);
    return { block: names[at], entropies: [...h], differences, l1, l2: secondTermOf(differences, terms.l2) };
  });
  const l1 = sum(blocks.map((block) => block.l1));
  const l2 = sum(blocks.map((block) => block.l2));
  return { blocks, l1, l2, loss: terms.l1Weight * l1 + terms.l2Weight * l2 };
}

/**
 * The numbers behind `entropyLoss`'s profile, read synchronously from its tensors.
 * @param profile what `entropyLoss` returned; its tensors must still be alive (`tf.keep` inside a gradient function)
 * @param options the ones given to `entropyLoss`
 */
export function readEntropyProfile(profile: ProfileTensors, options: TermOptions = {}): EntropyProfile {
  const entropies = profile.entropies.map((tensor) => [...tensor.dataSync()]);
  const { variance, l1Weight, l2, l2Weight } = options;
  return entropyProfile(entropies, { variance, l1Weight, l2, l2Weight, blocks: profile.blocks });
}

function varianceOf(values: readonly number[], kind: "biased" | "unbiased"): number {
  if (values.length < 2) return 0;
  const mean = sum(values) / values.length;
  const squares = sum(values.map((value) => (value - mean) ** 2));
  return squares / (kind === "unbiased" ? values.length - 1 : values.length);
}

function secondTermOf(differences: readonly number[], form: "none" | "neg_square" | "neg_abs" | "hinge"): number {
  const count = differences.length;
  if (count === 0 || form === "none") return 0;
  if (form === "neg_square") return -sum(differences.map((d) => d * d));
  if (form === "neg_abs") return -sum(differences.map(Math.abs)) / count;
  return sum(differences.map((d) => Math.max(0, d))) / count;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
