import * as tf from "@tensorflow/tfjs-core";

/** One zero on all four sides, whatever the stride; TensorFlow's `same` would pad bottom and right only at stride 2. */
export const FOUR_SIDES: tf.backend_util.ExplicitPadding = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];

/**
 * Convolution by a square filter of odd side k with (k − 1)/2 zeros on all four sides, differentiable on every backend.
 *
 * TensorFlow's own runtime has explicit padding forward but not in the gradients. There the zeros are a step of their own
 * wherever `same`, which both have, would be something else.
 * @param x      [b, y, x, c]
 * @param filter [k, k, in, out]
 */
export function convFourSides(x: tf.Tensor4D, filter: tf.Tensor4D, stride: number): tf.Tensor4D {
  const zeros = (filter.shape[0] - 1) / 2;
  const sides: tf.backend_util.ExplicitPadding = [
    [0, 0],
    [zeros, zeros],
    [zeros, zeros],
    [0, 0],
  ];
  if (tf.getBackend() !== "tensorflow") return tf.conv2d(x, filter, stride, sides);
  return stride === 1 ? tf.conv2d(x, filter, 1, "same") : tf.conv2d(tf.pad(x, sides), filter, stride, "valid");
}
