import * as tf from "@tensorflow/tfjs-core";

/** What backends with arrays in this process offer: the array of a tensor, and perhaps memory that is used again. */
interface ArrayBackend {
  readonly data?: { get(dataId: object): { readonly values: unknown } | undefined };
  allocate?(length: number): Float32Array;
}

/** The values of a float32 tensor, to be read at once. A backend may keep an array that `dataSync` gave away from further use. */
export function valuesOf(x: tf.Tensor): Float32Array {
  const { data } = tf.backend() as unknown as ArrayBackend;
  const values = typeof data?.get === "function" ? data.get(x.dataId)?.values : undefined;
  return values instanceof Float32Array && values.length === x.size ? values : (x.dataSync() as Float32Array);
}

/** An array for a result, its entries of any value. */
export function newArray(length: number): Float32Array {
  const backend = tf.backend() as unknown as ArrayBackend;
  return backend.allocate?.(length) ?? new Float32Array(length);
}
