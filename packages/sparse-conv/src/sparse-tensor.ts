import type * as tf from "@tensorflow/tfjs-core";
import { sortSites } from "./check-sites.js";
import { cellKey, type Triple } from "./grid-extent.js";
import { scatterCells } from "./scatter-cells.js";

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
 * @throws TypeError, RangeError if coords do not fit the features or the grid, or the result has 2^31 entries or more
 */
export function toDense(sparse: SparseTensor3D): tf.Tensor5D {
  const { features, coords, shape, batchSize } = sparse;
  checkGrid("toDense", sparse);
  const cells = eachSite(coords, (batch, z, y, x) => cellKey({ shape, batchSize }, batch, z, y, x));
  const count = batchSize * shape[0] * shape[1] * shape[2];
  const denseShape = [batchSize, ...shape, features.shape[1]];
  return scatterCells(features, { cells, layers: 1, count, shape: denseShape }) as tf.Tensor5D;
}

/**
 * The bird's-eye-view map of a sparse tensor: height joins the channels. Differentiable in the features.
 * @returns [batch, y, x, channels·D], channel c·D + z (as PyTorch's view of [batch, c, D, y, x])
 * @throws TypeError, RangeError if coords do not fit the features or the grid, or the result has 2^31 entries or more
 */
export function toBev(sparse: SparseTensor3D): tf.Tensor4D {
  const { features, coords, shape, batchSize } = sparse;
  checkGrid("toBev", sparse);
  const [depth, height, width] = shape;
  const cells = eachSite(coords, (batch, z, y, x) => ((batch * height + y) * width + x) * depth + z);
  const count = batchSize * depth * height * width;
  const mapShape = [batchSize, height, width, features.shape[1] * depth];
  return scatterCells(features, { cells, layers: depth, count, shape: mapShape }) as tf.Tensor4D;
}

/** @throws RangeError unless there is one site per row of features */
export function checkRows(caller: string, features: tf.Tensor2D, coords: Int32Array): void {
  if (features.rank !== 2 || coords.length !== 4 * features.shape[0]) {
    throw new RangeError(
      `${caller}: expected one site [batch, z, y, x] per row of features, got ${coords.length / 4} sites and features ` +
        `[${features.shape.join(", ")}]`,
    );
  }
}

function checkGrid(caller: string, { features, coords, shape, batchSize }: SparseTensor3D): void {
  checkRows(caller, features, coords);
  sortSites(caller, coords, { shape, batchSize });
  const dense = [batchSize, ...shape, features.shape[1]];
  if (dense.reduce((entries, size) => entries * size) >= 2 ** 31) {
    throw new RangeError(`${caller}: expected a dense result of less than 2^31 entries, got [${dense.join(", ")}]`);
  }
}

function eachSite(coords: Int32Array, cellOf: (batch: number, z: number, y: number, x: number) => number): Int32Array {
  const cells = new Int32Array(coords.length / 4);
  for (let row = 0; row < cells.length; row += 1) {
    cells[row] = cellOf(coords[4 * row], coords[4 * row + 1], coords[4 * row + 2], coords[4 * row + 3]);
  }
  return cells;
}
