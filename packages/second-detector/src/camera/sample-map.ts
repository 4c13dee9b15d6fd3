import * as tf from "@tensorflow/tfjs-core";

/** Where each cell of a map takes its features from another map: four places and their weights. */
export interface MapSamples {
  /** [cells, 4] row of the other map's places, all maps of the batch one after the other */
  readonly places: Int32Array;
  /** [cells, 4] bilinear weights; all zero for a cell that takes nothing */
  readonly weights: Float32Array;
}

/**
 * Features of `map` at the samples: out[i] = Σₖ weights[i, k] · map[places[i, k]]. Differentiable in the map.
 * @param map [b, h, w, c]
 * @returns   [b, height, width, c]
 */
export function sampleMap(
  map: tf.Tensor4D,
  { places, weights }: MapSamples,
  { height, width }: { readonly height: number; readonly width: number },
): tf.Tensor4D {
  const [batch, h, w, channels] = map.shape;
  const cells = batch * height * width;
  return tf.tidy(() => {
    const rows = tf.reshape(map, [batch * h * w, channels]);
    const taken = tf.gather(rows, tf.tensor1d(places, "int32"));
    const weighted = tf.mul(taken, tf.tensor2d(weights, [4 * cells, 1]));
    return tf.reshape(tf.sum(tf.reshape(weighted, [cells, 4, channels]), 1), [batch, height, width, channels]);
  });
}
