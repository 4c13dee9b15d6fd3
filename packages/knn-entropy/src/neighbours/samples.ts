/** Distance between samples: Euclidean, or the largest difference of a coordinate. */
export type Norm = "euclidean" | "max";

/** Float32 or float64 values; they are used as they are, and every exact distance is summed in float64. */
export type Values = Float32Array | Float64Array;

/** N samples in R^D inside one array, sample after sample, [N, D]. */
export interface Samples {
  readonly data: Values;
  readonly rows: number;
  readonly dims: number;
}

/** The k-th neighbour of each sample and its distance. */
export interface KthNeighbours {
  /** [N] index of the k-th nearest other sample; −1 where NaN or infinite values leave it undefined */
  readonly neighbours: Int32Array;
  /** [N] distance to it (not squared); NaN where it is undefined */
  readonly radii: Float64Array;
}

/**
 * Check an array of samples and the neighbour count once, at the public boundary.
 * @throws TypeError for another kind of array, RangeError for sizes that disagree or k outside 1..N−1
 */
export function checkSamples(where: string, data: Values, rows: number, dims: number, k: number, name = "x"): void {
  checkArray(where, data, rows, dims, name);
  if (!Number.isInteger(k) || k < 1 || k >= rows) {
    throw new RangeError(`${where}: expected an integer in 1..rows - 1 = ${rows - 1} for k, got ${k}`);
  }
}

/** {@link checkSamples} without a neighbour count. */
export function checkArray(where: string, data: Values, rows: number, dims: number, name = "x"): void {
  checkKind(where, name, data);
  checkSize(where, "rows", rows);
  checkSize(where, "dims", dims);
  if (data.length !== rows * dims) {
    throw new RangeError(`${where}: expected ${rows * dims} numbers [${rows},${dims}] for ${name}, got ${data.length}`);
  }
}

/** @throws TypeError unless the values are an array of floating-point numbers */
export function checkKind(where: string, name: string, data: Values): void {
  if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) {
    throw new TypeError(`${where}: expected Float32Array or Float64Array for ${name}, got ${kindOf(data)}`);
  }
}

/** @throws RangeError unless the value is a positive integer */
export function checkSize(where: string, name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${where}: expected a positive integer for ${name}, got ${value}`);
  }
}

/** @throws RangeError unless the value is a known norm */
export function checkNorm(where: string, norm: Norm): void {
  if (norm !== "euclidean" && norm !== "max") {
    throw new RangeError(`${where}: expected euclidean or max for norm, got ${String(norm)}`);
  }
}

/** @throws RangeError unless the floor is a finite number ≥ 0 */
export function checkFloor(where: string, floor: number): void {
  if (!(floor >= 0) || floor === Infinity) {
    throw new RangeError(`${where}: expected a finite number of at least 0 for floor, got ${floor}`);
  }
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
