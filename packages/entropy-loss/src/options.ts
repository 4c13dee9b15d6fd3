import type { Subsample } from "./subsample.js";

/** Entropy of a tap: Kozachenko–Leonenko per dimension, or the published code's log(1 + Σ r). */
export type Estimator = "kl" | "author";

/**
 * Form of the second term: none; −Σ_n ΔH² as the paper prints it; −mean_n |ΔH| as its code has it, commented out; or
 * mean_n max(0, ΔH), which is what its text says: entropy that grows is penalised, nothing else.
 */
export type L2Form = "none" | "neg_square" | "neg_abs" | "hinge";

/** Which neighbour of a sample: the k-th, or that of a share of the C channels, ⌊C/n⌋ and at least the first. */
export type Neighbour = number | `C/${number}`;

/** Which blocks of a network take part: all, or those with the listed indices. */
export type Coverage = "all" | readonly number[];

/** How differences become terms: a part of {@link EntropyLossOptions}. */
export interface TermOptions {
  /** divide squared deviations by the number of differences (`biased`, default) or by one less */
  readonly variance?: "biased" | "unbiased";
  /** weight of L1; default 1 */
  readonly l1Weight?: number;
  /** default `none` */
  readonly l2?: L2Form;
  /** weight of L2; default 1 */
  readonly l2Weight?: number;
}

/** Options of `entropyLoss`. */
export interface EntropyLossOptions extends TermOptions {
  /** default `kl` */
  readonly estimator?: Estimator;
  /** default `all` */
  readonly coverage?: Coverage;
  /** neighbour of the `kl` estimator; default `C/10` */
  readonly k?: Neighbour;
  /** smallest radius of the `kl` estimator; default 1e-6 */
  readonly floor?: number;
  /** estimate from a part of each layer, to save time; default all of it */
  readonly subsample?: Subsample;
}

/** The published code's loss: its estimator, the first block only, unbiased variance, weight 1, no second term. */
export const AUTHOR_PRESET = {
  estimator: "author",
  coverage: [0],
  variance: "unbiased",
  l1Weight: 1,
  l2: "none",
} as const satisfies EntropyLossOptions;

const forms: readonly L2Form[] = ["none", "neg_square", "neg_abs", "hinge"];

/** Term options with their defaults, checked. */
export function resolveTerms(where: string, options: TermOptions): Required<TermOptions> {
  const { variance = "biased", l1Weight = 1, l2 = "none", l2Weight = 1 } = options;
  if (variance !== "biased" && variance !== "unbiased") {
    throw new RangeError(`${where}: expected biased or unbiased for variance, got ${String(variance)}`);
  }
  if (!forms.includes(l2)) throw new RangeError(`${where}: expected ${forms.join(", ")} for l2, got ${String(l2)}`);
  for (const [name, value] of Object.entries({ l1Weight, l2Weight })) {
    if (!Number.isFinite(value)) throw new RangeError(`${where}: expected a finite number for ${name}, got ${value}`);
  }
  return { variance, l1Weight, l2, l2Weight };
}

/**
 * The number of a neighbour among `channels` samples.
 * @throws RangeError for anything but a whole number of at least 1, or `C/n` with such an n
 */
export function neighbourOf(where: string, k: Neighbour, channels: number): number {
  const divisor = typeof k === "string" ? Number(/^C\/([1-9]\d{0,6})$/.exec(k)?.[1]) : undefined;
  const number = divisor === undefined ? k : Math.max(1, Math.floor(channels / divisor));
  if (typeof number === "number" && Number.isInteger(number) && number >= 1) return number;
  throw new RangeError(`${where}: expected a whole number of at least 1, or C/n, for k, got ${String(k)}`);
}

/** Indices of the covered blocks, in the order given. */
export function coveredBlocks(where: string, coverage: Coverage, blocks: number): number[] {
  if (coverage === "all") return Array.from({ length: blocks }, (_, block) => block);
  if (!Array.isArray(coverage)) {
    throw new TypeError(`${where}: expected "all" or block indices for coverage, got ${String(coverage)}`);
  }
  const seen = new Set<number>();
  for (const block of coverage as readonly number[]) {
    if (!Number.isInteger(block) || block < 0 || block >= blocks || seen.has(block)) {
      throw new RangeError(`${where}: expected different indices in 0..${blocks - 1} for coverage, got [${coverage}]`);
    }
    seen.add(block);
  }
  return [...(coverage as readonly number[])];
}

/**
 * @throws RangeError if a block has too few taps for the variance: a single difference has no unbiased one
 */
export function checkDifferences(where: string, block: number, taps: number, variance: string): void {
  if (taps === 0) throw new RangeError(`${where}: expected at least one tap for block ${block}, got none`);
  if (variance === "unbiased" && taps === 2) {
    throw new RangeError(`${where}: expected at least 3 taps for block ${block} with unbiased variance, got 2`);
  }
}
