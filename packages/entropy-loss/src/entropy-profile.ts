import type { ProfileTensors } from "./entropy-loss.js";

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

/**
 * The profile that `entropyLoss` returned in numbers, which are read synchronously: on a backend that cannot do so, such as
 * WebGPU in Node, their values have to be fetched before.
 * @param profile its tensors must still be alive (`tf.keep` inside a gradient function)
 * @param options totalLoss: the total loss of the task, `loss` included, for the share of it
 */
export function readEntropyProfile(
  profile: ProfileTensors,
  { totalLoss }: { readonly totalLoss?: number } = {},
): EntropyProfile {
  const blocks = profile.blocks.map(({ block, entropies, differences, l1, l2 }) => {
    const h = [...entropies.dataSync()];
    return {
      block,
      entropies: h,
      differences: [...differences.dataSync()],
      l1: read(l1),
      l2: read(l2),
      r2: straightness(h),
    };
  });
  const loss = read(profile.loss);
  const share = totalLoss === undefined ? undefined : loss / totalLoss;
  return { blocks, l1: read(profile.l1), l2: read(profile.l2), loss, share };
}

function read(scalar: ProfileTensors["loss"]): number {
  return scalar.dataSync()[0];
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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
