import * as tf from "@tensorflow/tfjs-core";

/**
 * ResNet's pooling: largest of 3×3, stride 2, one zero on all four sides. For what a ReLU gave: no entry is below zero.
 *
 * Two steps of `maximum`, along y then x, of the even and odd lines: out[i] = max(in[2i − 1], in[2i], in[2i + 1]). Stock
 * tfjs has a gradient of pooling that visits every element by a function call; these ops run at the memory's speed.
 * @param x [b, h, w, c] ≥ 0
 * @returns [b, ⌈h/2⌉, ⌈w/2⌉, c]
 */
export function maxPoolHalf(x: tf.Tensor4D): tf.Tensor4D {
  return tf.tidy(() => halveAxis(halveAxis(x, 1), 2));
}

function halveAxis(x: tf.Tensor4D, axis: 1 | 2): tf.Tensor4D {
  const pad = (before: number, after: number) =>
    x.shape.map((_, i) => (i === axis ? [before, after] : [0, 0])) as [number, number][];
  const odd = x.shape[axis] % 2;
  const even = odd === 0 ? x : (tf.pad(x, pad(0, 1)) as tf.Tensor4D);
  const half = even.shape[axis] / 2;
  // [.., half, 2, ..]: line 2i beside line 2i + 1
  const pairs = tf.reshape(
    even,
    even.shape.flatMap((n, i) => (i === axis ? [half, 2] : [n])),
  );
  const [first, second] = tf.split(pairs, 2, axis + 1).map((lines) => tf.squeeze(lines, [axis + 1]) as tf.Tensor4D);
  const begin = [0, 0, 0, 0];
  const size = [...second.shape];
  size[axis] = half - 1;
  const before = tf.pad(tf.slice(second, begin, size), pad(1, 0));
  return tf.maximum(tf.maximum(first, second), before) as tf.Tensor4D;
}
