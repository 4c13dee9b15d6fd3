import * as tf from "@tensorflow/tfjs-core";
import { authorEntropy, klEntropyPerDimension } from "knn-entropy/tfjs";
import {
  checkDifferences,
  coveredBlocks,
  type EntropyLossOptions,
  type L2Form,
  neighbourOf,
  resolveTerms,
  type TermOptions,
} from "./options.js";
import { subsample } from "./subsample.js";

/**
 * Output of a layer. A feature map [B, H, W, C]: each channel of each image is one sample in R^(H·W), and H is the mean over
 * the images. A dense layer's [B, F] has no positions: each row of the batch is one sample in R^F, so H is that of the batch
 * and comparable only between batches of one size.
 */
export type Tap = tf.Tensor;

/** Blocks of a network, each the taps of its layers in order, of one shape per block. */
export type Taps = readonly (readonly Tap[])[];

/** What a block adds to the loss, as tensors. */
export type BlockTensors = {
  /** index of the block in the network */
  readonly block: number;
  /** [taps] H of each tap, nats per dimension (`kl`) or log(1 + Σ r) (`author`) */
  readonly entropies: tf.Tensor1D;
  /** [taps − 1] ΔH_n = H_{n+1} − H_n */
  readonly differences: tf.Tensor1D;
  /** variance of ΔH, without its weight; 0 with fewer than two differences */
  readonly l1: tf.Scalar;
  /** the second term, without its weight; 0 for `none` */
  readonly l2: tf.Scalar;
};

/**
 * What the loss is made of, as tensors: `readEntropyProfile` makes numbers of them. Inside a gradient function `tf.keep` what
 * is to be read afterwards.
 */
export type ProfileTensors = {
  /** one for each covered block */
  readonly blocks: BlockTensors[];
  /** Σ over blocks */
  readonly l1: tf.Scalar;
  /** Σ over blocks */
  readonly l2: tf.Scalar;
  /** l1Weight · L1 + l2Weight · L2 */
  readonly loss: tf.Scalar;
};

/** The loss to add to the task's own, and what it is made of. */
export interface EntropyLoss {
  /** that of the profile */
  readonly loss: tf.Scalar;
  readonly profile: ProfileTensors;
}

/**
 * The Entropy Loss (arXiv 2409.00839): information should change steadily from layer to layer. H of every tap; the
 * differences ΔH of neighbouring layers inside a block; L1 = variance of ΔH, summed over blocks; optionally L2, a term for
 * the direction of the change. Differentiable on any backend with respect to every tap.
 * Differences are taken only inside a block: two taps of different shape are samples of different spaces, and the jump of
 * H between them says nothing about the layers. A block with one tap, or with two (a single difference does not vary),
 * adds nothing to L1.
 * @param taps blocks of layers' outputs, float32 [B, H, W, C] or [B, F], equal shapes inside a block
 * @throws TypeError for a block that is no list of tensors or another dtype, RangeError for shapes that differ inside a
 *         block, indices or weights out of range, or fewer taps than the variance needs
 */
export function entropyLoss(taps: Taps, options: EntropyLossOptions = {}): EntropyLoss {
  const terms = resolveTerms("entropyLoss", options);
  const covered = checkTaps("entropyLoss", taps, options);
  return tf.tidy(() => {
    const blocks = covered.map((block) => ({
      block,
      ...blockTerms(blockEntropies("entropyLoss", taps[block], options), terms),
    }));
    const l1 = addAll(blocks.map((block) => block.l1));
    const l2 = addAll(blocks.map((block) => block.l2));
    const loss = tf.add(tf.mul(l1, terms.l1Weight), tf.mul(l2, terms.l2Weight)) as tf.Scalar;
    return { loss, profile: { blocks, l1, l2, loss } };
  });
}

/**
 * Entropies of the covered blocks as plain numbers, without gradient: for logs, validation and inference.
 * @param taps as for {@link entropyLoss}
 * @returns    one list per covered block, in nats per dimension (`kl`) or log(1 + Σ r) (`author`)
 * @throws TypeError or RangeError as {@link entropyLoss}
 */
export function measureEntropies(taps: Taps, options: EntropyLossOptions = {}): number[][] {
  resolveTerms("measureEntropies", options);
  const blocks = checkTaps("measureEntropies", taps, options);
  return blocks.map((block) => tf.tidy(() => [...blockEntropies("measureEntropies", taps[block], options).dataSync()]));
}

function isList(value: unknown): boolean {
  return Array.isArray(value);
}

/** Covered blocks, after all the checks that tensors need. */
function checkTaps(where: string, taps: Taps, options: EntropyLossOptions): number[] {
  const { estimator = "kl", coverage = "all", variance = "biased" } = options;
  if (estimator !== "kl" && estimator !== "author") {
    throw new RangeError(`${where}: expected kl or author for estimator, got ${String(estimator)}`);
  }
  if (!isList(taps) || !taps.every(isList)) {
    throw new TypeError(`${where}: expected blocks of tensors for taps, got ${typeof taps}`);
  }
  const blocks = coveredBlocks(where, coverage, taps.length);
  for (const block of blocks) {
    checkDifferences(where, block, taps[block].length, variance);
    const [first] = taps[block];
    for (const [tap, { rank, shape }] of taps[block].entries()) {
      if (rank !== 4 && rank !== 2) {
        throw new RangeError(`${where}: expected [B,H,W,C] or [B,F] for tap ${block}.${tap}, got [${shape}]`);
      }
      if (rank !== first.rank || shape.some((length, axis) => length !== first.shape[axis])) {
        throw new RangeError(
          `${where}: expected the shape [${first.shape}] of its block for tap ${block}.${tap}, got [${shape}]`,
        );
      }
    }
  }
  return blocks;
}

function blockEntropies(
  where: string,
  taps: readonly Tap[],
  { estimator = "kl", k = "C/10", floor, subsample: part = {} }: EntropyLossOptions,
): tf.Tensor1D {
  const entropy = (tap: Tap) => {
    const x = subsample(asFeatureMap(tap), part);
    if (estimator === "author") return authorEntropy(x);
    return klEntropyPerDimension(x, { k: neighbourOf(where, k, x.shape[3]), floor });
  };
  return tf.stack(taps.map(entropy)) as tf.Tensor1D;
}

/** A batch of rows [B, F] as one image of F positions and B channels, [1, F, 1, B]: the samples are the channels. */
function asFeatureMap(tap: Tap): tf.Tensor4D {
  if (tap.rank === 4) return tap as tf.Tensor4D;
  const [rows, features] = tap.shape;
  return tf.reshape(tf.transpose(tap), [1, features, 1, rows]) as tf.Tensor4D;
}

/** Differences of the entropies of a block, and its terms. */
function blockTerms(entropies: tf.Tensor1D, { variance, l2 }: Required<TermOptions>): Omit<BlockTensors, "block"> {
  const count = entropies.size - 1;
  const differences = tf.sub(tf.slice(entropies, [1], [count]), tf.slice(entropies, [0], [count])) as tf.Tensor1D;
  if (count === 0) return { entropies, differences, l1: tf.scalar(0), l2: tf.scalar(0) };
  return { entropies, differences, l1: varianceOf(differences, variance), l2: secondTerm(differences, l2) };
}

function varianceOf(differences: tf.Tensor1D, kind: "biased" | "unbiased"): tf.Scalar {
  const squares = tf.square(tf.sub(differences, tf.mean(differences)));
  const count = kind === "unbiased" ? differences.size - 1 : differences.size;
  return tf.div(tf.sum(squares), count) as tf.Scalar;
}

function secondTerm(differences: tf.Tensor1D, form: L2Form): tf.Scalar {
  if (form === "neg_square") return tf.neg(tf.sum(tf.square(differences))) as tf.Scalar;
  if (form === "neg_abs") return tf.neg(tf.mean(tf.abs(differences))) as tf.Scalar;
  if (form === "hinge") return tf.mean(tf.relu(differences)) as tf.Scalar;
  return tf.scalar(0);
}

function addAll(terms: readonly tf.Scalar[]): tf.Scalar {
  return terms.length === 0 ? tf.scalar(0) : (tf.addN([...terms]) as tf.Scalar);
}
