import * as tf from "@tensorflow/tfjs-core";
import { sortSites } from "./check-sites.js";
import { cellKey, type Triple } from "./grid-extent.js";

/** Features at some of the cells of a batch of 3D grids; zero elsewhere. */
export interface SparseTensor3D {
  /** [rows, channels] float32 */
  readonly features: tf.Tensor2D;
  /** [rows, 4] batch, z, y, x; every site once */
  readonly coords: Int32Array;
  /** cells of one grid along z, y, x */
  readonly shape: Triple;
  readonly batchSize: number;
}

/**
 * The dense tensor of a sparse one. Differentiable in the features.
 * @returns [batch, z, y, x, channels], zero where no site is
 * @throws TypeError, RangeError if coords do not fit the features or the grid
 */
export function toDense({ features, coords, shape, batchSize }: SparseTensor3D): tf.Tensor5D {
  checkRows("toDense", features, coords);
  sortSites("toDense", coords, { shape, batchSize });
  const [depth, height, width] = shape;
  const channels = features.shape[1];
  const cells = batchSize * depth * height * width;
  const rows = new Int32Array(coords.length / 4);
  for (let row = 0; row < rows.length; row += 1) {
    const [batch, z, y, x] = coords.subarray(4 * row, 4 * row + 4);
    rows[row] = cellKey({ shape, batchSize }, batch, z, y, x);
  }
  const scattered = scatterRows(features, rows, cells);
  return tf.reshape(scattered, [batchSize, depth, height, width, channels]);
}

/**
 * The bird's-eye-view map of a sparse tensor: height joins the channels. Differentiable in the features.
 * @returns [batch, y, x, channels·D], channel c·D + z (as PyTorch's view of [batch, c, D, y, x])
 * @throws TypeError, RangeError if coords do not fit the features or the grid
 */
export function toBev(sparse: SparseTensor3D): tf.Tensor4D {
  const { shape, batchSize, features } = sparse;
  const [depth, height, width] = shape;
  return tf.tidy(() => {
    const dense = toDense(sparse); // [b, z, y, x, c]
    const channelMajor = tf.transpose(dense, [0, 2, 3, 4, 1]); // [b, y, x, c, z]
    return tf.reshape(channelMajor, [batchSize, height, width, features.shape[1] * depth]) as tf.Tensor4D;
  });
}

/** Puts row r of `x` into row rows[r] of a zero matrix; the gradient gathers. */
function scatterRows(x: tf.Tensor2D, rows: Int32Array, count: number): tf.Tensor2D {
  const op = tf.customGrad((...args) => {
    const [values] = args as unknown as [tf.Tensor2D];
    const value =
      rows.length === 0
        ? tf.zeros([count, x.shape[1]])
        : tf.scatterND(tf.tensor2d(rows, [rows.length, 1], "int32"), values, [count, x.shape[1]]);
    return { value, gradFunc: (dy: tf.Tensor) => [tf.gather(dy, tf.tensor1d(rows, "int32"))] };
  });
  return op(x) as tf.Tensor2D;
}

export function checkRows(caller: string, features: tf.Tensor2D, coords: Int32Array): void {
  if (coords.length !== 4 * features.shape[0]) {
    throw new RangeError(
      `${caller}: expected one site [batch, z, y, x] per row of features [${features.shape.join(", ")}], got ${coords.length / 4} sites`,
    );
  }
}
