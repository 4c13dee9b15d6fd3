import * as tf from "@tensorflow/tfjs-core";

/** How much of a layer the entropy is estimated from, to save time: evenly spread, the same in every layer of a block. */
export interface Subsample {
  /** channels at most, the samples of the estimate; default all */
  readonly channels?: number | undefined;
  /** positions at most, the dimensions of the estimate; default all */
  readonly positions?: number | undefined;
}

/**
 * A part of a feature map: at most `channels` of its channels and `positions` of its positions (H·W, row after row), each
 * evenly spread. One setting serves blocks of all sizes: a smaller one is taken whole. Gradients flow into what was picked. The work of the estimate is that of channels² · positions.
 * @param x [B, H, W, C]
 * @returns [B, H, W, c], or [B, 1, p, c] where positions are picked; `x` itself where all is taken
 * @throws RangeError for a number that is not whole or below 1 (2 for channels)
 */
export function subsample(x: tf.Tensor4D, { channels, positions }: Subsample): tf.Tensor4D {
  const [batch, height, width, all] = x.shape;
  let picked = x;
  if (positions !== undefined && spread("positions", positions, { of: height * width, least: 1 })) {
    const rows = tf.tensor1d(evenIndices(positions, height * width), "int32");
    const flat = tf.reshape(picked, [batch, height * width, all]);
    picked = tf.reshape(tf.gather(flat, rows, 1), [batch, 1, positions, all]) as tf.Tensor4D;
  }
  if (channels !== undefined && spread("channels", channels, { of: all, least: 2 })) {
    picked = tf.gather(picked, tf.tensor1d(evenIndices(channels, all), "int32"), 3);
  }
  return picked;
}

/** ⌊i · of / count⌋ for i = 0 … count − 1. */
export function evenIndices(count: number, of: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => Math.floor((i * of) / count));
}

/** Whether less than all is asked for. */
function spread(name: string, count: number, { of, least }: { readonly of: number; readonly least: number }): boolean {
  if (!Number.isInteger(count) || count < least) {
    throw new RangeError(
      `entropyLoss: expected a whole number of at least ${least} for subsample.${name}, got ${count}`,
    );
  }
  return count < of;
}
