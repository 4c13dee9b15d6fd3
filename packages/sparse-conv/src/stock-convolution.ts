import * as tf from "@tensorflow/tfjs-core";
import type { Rulebook } from "./rulebook.js";

/**
 * Sparse convolution and its gradients from stock tfjs operations, right on every backend: gather the rows of a tap's
 * pairs, multiply by the tap's matrix, and add all products to their target rows in one scatter.
 */
export function stockForward(features: tf.Tensor2D, weights: tf.Tensor5D, rulebook: Rulebook): tf.Tensor2D {
  const { inputs, outputs } = rulebook.map;
  return multiplyTaps(features, weights, rulebook, {
    from: inputs,
    to: outputs,
    rows: rulebook.outRows,
    transpose: false,
  });
}

/** [inRows, cin] from dOut [outRows, cout]. */
export function stockFeatureGradient(dOut: tf.Tensor2D, weights: tf.Tensor5D, rulebook: Rulebook): tf.Tensor2D {
  const { inputs, outputs } = rulebook.map;
  return multiplyTaps(dOut, weights, rulebook, { from: outputs, to: inputs, rows: rulebook.inRows, transpose: true });
}

/** [kz, ky, kx, cin, cout] from features [inRows, cin] and dOut [outRows, cout]. */
export function stockWeightGradient(
  features: tf.Tensor2D,
  dOut: tf.Tensor2D,
  { shape, rulebook: { map } }: { readonly shape: readonly number[]; readonly rulebook: Rulebook },
): tf.Tensor5D {
  const [cin, cout] = [features.shape[1], dOut.shape[1]];
  return tf.tidy(() => {
    const perTap = eachTap(map.starts, (start, end) =>
      start === end
        ? tf.zeros([cin, cout])
        : tf.matMul(gather(features, map.inputs, start, end), gather(dOut, map.outputs, start, end), true),
    );
    return tf.reshape(tf.stack(perTap), shape as tf.Tensor5D["shape"]);
  });
}

interface Route {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly rows: number;
  readonly transpose: boolean;
}

function multiplyTaps(x: tf.Tensor2D, weights: tf.Tensor5D, { map }: Rulebook, route: Route): tf.Tensor2D {
  const [cin, cout] = weights.shape.slice(3);
  const columns = route.transpose ? cin : cout;
  return tf.tidy(() => {
    if (map.inputs.length === 0) return tf.zeros([route.rows, columns]);
    const matrices = tf.unstack(tf.reshape(weights, [map.taps, cin, cout])) as tf.Tensor2D[];
    const products = eachTap(map.starts, (start, end, tap) =>
      start === end ? undefined : tf.matMul(gather(x, route.from, start, end), matrices[tap], false, route.transpose),
    ).filter((product) => product !== undefined);
    const targets = tf.tensor2d(route.to, [route.to.length, 1], "int32");
    return tf.scatterND(targets, tf.concat(products, 0), [route.rows, columns]) as tf.Tensor2D;
  });
}

function gather(x: tf.Tensor2D, rows: Int32Array, start: number, end: number): tf.Tensor2D {
  return tf.gather(x, tf.tensor1d(rows.subarray(start, end), "int32"));
}

function eachTap<T>(starts: Int32Array, make: (start: number, end: number, tap: number) => T): T[] {
  return Array.from({ length: starts.length - 1 }, (_, tap) => make(starts[tap], starts[tap + 1], tap));
}
