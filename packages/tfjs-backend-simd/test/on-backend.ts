import * as tf from "@tensorflow/tfjs-core";

/** Numbers outside any backend. */
export type Plain = {
  readonly values: Float32Array | Int32Array | Uint8Array;
  readonly shape: number[];
  readonly dtype: "float32" | "int32" | "bool";
};

/** An op of any number of tensors; it may give one tensor or several. */
export type Op = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

const toPlain = (tensor: tf.Tensor): Plain => ({
  values: tensor.dataSync().slice() as Plain["values"],
  shape: tensor.shape,
  dtype: tensor.dtype as Plain["dtype"],
});

const toTensor = ({ values, shape, dtype }: Plain) => tf.tensor(values.slice(), shape, dtype);

/** Results of an op on one backend; that backend is left selected. */
export async function forwardOn(backend: string, op: Op, inputs: readonly Plain[]): Promise<Plain[]> {
  await tf.setBackend(backend);
  return tf.tidy(() => [op(...inputs.map(toTensor))].flat().map(toPlain));
}

/** Gradients to every float32 input of `Σ dy · op(inputs)`, the first result of the op, on one backend. */
export async function gradientsOn(backend: string, op: Op, inputs: readonly Plain[], dy: Plain): Promise<Plain[]> {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const tensors = inputs.map(toTensor);
    const isFree = inputs.map(({ dtype }) => dtype === "float32");
    const f = (...free: tf.Tensor[]) => {
      let next = 0;
      return [op(...tensors.map((tensor, i) => (isFree[i] ? free[next++] : tensor)))].flat()[0];
    };
    return tf
      .grads(f)(
        tensors.filter((_, i) => isFree[i]),
        toTensor(dy),
      )
      .map(toPlain);
  });
}

/** A float32 tensor with seeded entries in [low, high). */
export function randomPlain(rng: () => number, shape: readonly number[], [low, high] = [-2, 2]): Plain {
  const size = shape.reduce((product, length) => product * length, 1);
  return {
    values: Float32Array.from({ length: size }, () => low + (high - low) * rng()),
    shape: [...shape],
    dtype: "float32",
  };
}

/**
 * The largest difference of two results relative to the largest finite entry (at least 1), or Infinity where shapes,
 * dtypes, NaN or infinities differ.
 */
export function distance(actual: Plain, expected: Plain): number {
  if (actual.shape.join() !== expected.shape.join() || actual.dtype !== expected.dtype) return Number.POSITIVE_INFINITY;
  let scale = 1;
  for (const value of expected.values) if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  let largest = 0;
  for (let i = 0; i < expected.values.length; i++) {
    const [a, e] = [actual.values[i], expected.values[i]];
    if (Object.is(a, e) || a === e) continue;
    if (!Number.isFinite(a) || !Number.isFinite(e)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, Math.abs(a - e) / scale);
  }
  return largest;
}
