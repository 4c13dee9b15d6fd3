import * as tf from "@tensorflow/tfjs-core";
import { type AxisTaps, bilinearTaps, nearestTaps } from "./axis-taps.js";

/** Rows and columns of a map. */
export interface MapSize {
  readonly height: number;
  readonly width: number;
}

/**
 * A map brought to another size, differentiable on every backend. `bilinear`: half-pixel centres, as PyTorch's
 * `interpolate(align_corners=False)`; `nearest`: out[i] = in[⌊i·from/to⌋].
 *
 * Each axis is one product with a matrix of weights, y = M x, whose gradient is exact; that of tfjs' own `resizeBilinear`
 * knows no half-pixel centres.
 * @param x [b, h, w, c]
 * @returns [b, height, width, c]
 */
export function resizeMap(
  x: tf.Tensor4D,
  { height, width }: MapSize,
  method: "bilinear" | "nearest" = "bilinear",
): tf.Tensor4D {
  const [batch, h, w, channels] = x.shape;
  const taps = method === "bilinear" ? bilinearTaps : nearestTaps;
  return tf.tidy(() => {
    const rows = tf.reshape(x, [batch, h, w * channels]);
    const tall = h === height ? rows : tf.matMul(matrixOf(taps(h, height), h), rows);
    const columns = tf.reshape(tall, [batch * height, w, channels]);
    const wide = w === width ? columns : tf.matMul(matrixOf(taps(w, width), w), columns);
    return tf.reshape(wide, [batch, height, width, channels]) as tf.Tensor4D;
  });
}

/** [1, to, from] weights of the old samples in each new one; every row sums to 1. */
function matrixOf({ first, second, share }: AxisTaps, from: number): tf.Tensor3D {
  const to = first.length;
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    matrix[i * from + first[i]] += 1 - share[i];
    matrix[i * from + second[i]] += share[i];
  }
  return tf.tensor3d(matrix, [1, to, from]);
}
