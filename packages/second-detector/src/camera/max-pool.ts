import * as tf from "@tensorflow/tfjs-core";

/**
 * ResNet's pooling: largest of 3×3, stride 2, one zero on all four sides. For what a ReLU gave: no entry is below zero.
 *
 * Two steps, along y then x, of the larger of even and odd lines: out[i] = max(in[2i − 1], in[2i], in[2i + 1]). Stock
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
  return larger(larger(first, second), before);
}

/** The larger of each two entries; of two that are equal, the first has the gradient. */
function larger(a: tf.Tensor4D, b: tf.Tensor4D): tf.Tensor4D {
  const op = tf.customGrad((...args) => {
    const [first, second] = args as unknown as [tf.Tensor4D, tf.Tensor4D];
    const save = args[2] as unknown as tf.GradSaveFunc;
    save([tf.step(tf.sub(second, first))]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const toSecond = tf.mul(dy, saved[0]);
      return [tf.sub(dy, toSecond), toSecond];
    };
    return { value: tf.maximum(first, second), gradFunc };
  });
  return op(a, b) as tf.Tensor4D;
}
