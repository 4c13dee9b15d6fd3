import * as tf from "@tensorflow/tfjs-core";

/** Added to a squared length: channels whose embedding is constant are correlated with none, and have no NaN gradient. */
const TINY = 1e-12;

/**
 * The graph between channels: the Pearson correlation of their embeddings over the d dimensions, what is negative set to
 * zero, and so is the diagonal:
 *
 *     v̂ = (v − mean v) / ‖v − mean v‖        A[i, j] = max(0, v̂ᵢ · v̂ⱼ) for i ≠ j, else 0
 *
 * Differentiable on any backend. A[i, j] does not change when an embedding is shifted or scaled by a positive number.
 * @param embeddings [b, c, d], d ≥ 2
 * @returns [b, c, c] symmetric, 0..1
 * @throws RangeError for embeddings of one number
 */
export function pearsonGraph(embeddings: tf.Tensor3D): tf.Tensor3D {
  const [, channels, dimensions] = embeddings.shape;
  if (dimensions < 2) {
    throw new RangeError(`pearsonGraph: expected shape [b, c, 2 or more] for embeddings, got [${embeddings.shape}]`);
  }
  return tf.tidy(() => {
    const centred = tf.sub(embeddings, tf.mean(embeddings, 2, true));
    const lengths = tf.sqrt(tf.add(tf.sum(tf.square(centred), 2, true), TINY));
    const unit = tf.div(centred, lengths) as tf.Tensor3D;
    const correlation = tf.matMul(unit, unit, false, true);
    const others = tf.sub(1, tf.eye(channels));
    return tf.mul(tf.relu(correlation), others) as tf.Tensor3D;
  });
}
