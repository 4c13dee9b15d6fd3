import * as tf from "@tensorflow/tfjs-core";

// tfjs has no float64. Where a radius has to keep its digits between two kernels, its 64 bits travel as two int32 numbers.

/** A tensor [..shape, 2] int32 of the bits of float64 values. */
export function float64Tensor(values: Float64Array, shape: readonly number[]): tf.Tensor {
  return tf.tensor(new Int32Array(values.buffer, values.byteOffset, 2 * values.length), [...shape, 2], "int32");
}

/** The float64 values whose bits a tensor holds, read synchronously. */
export function float64Of(bits: tf.Tensor): Float64Array {
  return new Float64Array(Int32Array.from(bits.dataSync()).buffer);
}
