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
  /**
   * R² of a straight line through H over the layers: 1 if entropy changes by the same amount from layer to layer, whatever
   * the amount. Undefined with fewer than three taps or without any change.
   */
  readonly r2: number | undefined;
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
  /** what `loss` is of a total loss that was given; undefined without one */
  readonly share: number | undefined;
}

/** Options of {@link entropyProfile}. */
export interface ProfileOptions extends TermOptions {
  /** index of each listed block in its network; default 0, 1, 2, … */
  readonly blocks?: readonly number[];
  /** the total loss of the task, `loss` included */
  readonly totalLoss?: number;
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
    const l2 = secondTermOf(differences, terms.l2);
    return { block: names[at], entropies: [...h], differences, l1, l2, r2: straightness(h) };
  });
  const l1 = sum(blocks.map((block) => block.l1));
  const l2 = sum(blocks.map((block) => block.l2));
  const loss = terms.l1Weight * l1 + terms.l2Weight * l2;
  const { totalLoss } = options;
  return { blocks, l1, l2, loss, share: totalLoss === undefined ? undefined : loss / totalLoss };
}

/**
 * The numbers behind `entropyLoss`'s profile, read synchronously from its tensors.
 * @param profile what `entropyLoss` returned; its tensors must still be alive (`tf.keep` inside a gradient function)
 * @param options the ones given to `entropyLoss`; and the total loss, for the share of it
 */
export function readEntropyProfile(
  profile: ProfileTensors,
  options: TermOptions & Pick<ProfileOptions, "totalLoss"> = {},
): EntropyProfile {
  const entropies = profile.entropies.map((tensor) => [...tensor.dataSync()]);
  const { variance, l1Weight, l2, l2Weight, totalLoss } = options;
  return entropyProfile(entropies, { variance, l1Weight, l2, l2Weight, totalLoss, blocks: profile.blocks });
}

function varianceOf(values: readonly number[], kind: "biased" | "unbiased"): number {
  if (values.length < 2) return 0;
  const mean = sum(values) / values.length;
  const squares = sum(values.map((value) => (value - mean) ** 2));
  return squares / (kind === "unbiased" ? values.length - 1 : values.length);
}

/** R² of the least-squares line through the values over 0, 1, 2, … */
function straightness(values: readonly number[]): number | undefined {
  const n = values.length;
  if (n < 3) return undefined;
  const [middle, mean] = [(n - 1) / 2, sum(values) / n];
  const total = sum(values.map((value) => (value - mean) ** 2));
  if (total === 0) return undefined;
  const along = sum(values.map((value, i) => (i - middle) * (value - mean)));
  return along ** 2 / (total * sum(values.map((_, i) => (i - middle) ** 2)));
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
