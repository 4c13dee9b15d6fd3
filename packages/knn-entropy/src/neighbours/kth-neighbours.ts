import { kernels } from "simd-kernels";
import { binaryUnit, inUnit } from "./binary-unit.js";
import { findNearest, type NearestNeighbours } from "./nearest-neighbours.js";
import { checkNorm, checkSamples, type KthNeighbours, type Norm, type Samples, type Values } from "./samples.js";

/** Sizes of a sample set and the neighbour that is asked for. */
export interface NeighbourOptions {
  /** number of samples N */
  readonly rows: number;
  /** their dimension D */
  readonly dims: number;
  /** which neighbour, 1 ≤ k < N */
  readonly k: number;
  /** default `euclidean` */
  readonly norm?: Norm;
}

/** Fewest dimensions and operations (N² D) from which the kernel is worth its preparation. */
const KERNEL_DIMS = 16;
const KERNEL_WORK = 2 ** 17;

/** Most samples for the kernel, which keeps N² distances; more are searched block by block. */
const KERNEL_SAMPLES = 1024;

/**
 * The k-th nearest other sample of each sample. Neighbours are ordered by (distance, index), so a tie goes to the lowest
 * index; a sample is never its own neighbour. Distances are float64 sums of direct differences, whatever the offset.
 * @param x [rows, dims] row-major
 * @throws TypeError for another kind of array, RangeError for sizes that disagree or k outside 1..rows − 1
 */
export function kthNeighbours(x: Values, { rows, dims, k, norm = "euclidean" }: NeighbourOptions): KthNeighbours {
  checkSamples("kthNeighbours", x, rows, dims, k);
  checkNorm("kthNeighbours", norm);
  const samples = { data: x, rows, dims };
  if (norm === "max" || !suitsKernel(rows, dims)) return kthOf(findNearest(samples, k, norm), rows);
  const found = { radii: new Float64Array(rows), neighbours: new Int32Array(rows) };
  const unit = binaryUnit(samples);
  kernels().kthNeighbours(inColumns(inUnit(samples, unit)), found, { images: 1, dims, samples: rows, k });
  return unit === 1 ? found : { ...found, radii: found.radii.map((radius) => radius / unit) };
}

function suitsKernel(rows: number, dims: number): boolean {
  return dims >= KERNEL_DIMS && rows * rows * dims >= KERNEL_WORK && rows <= KERNEL_SAMPLES;
}

function kthOf({ k, neighbours, distances }: NearestNeighbours, rows: number): KthNeighbours {
  return {
    radii: new Float64Array(rows).map((_, row) => distances[row * k + k - 1]),
    neighbours: new Int32Array(rows).map((_, row) => neighbours[row * k + k - 1]),
  };
}

/** The samples as columns [D, N]: a copy turned in squares that stay in the first-level cache. */
function inColumns({ data, rows, dims }: Samples): Values {
  const out = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length);
  const side = 32;
  for (let d0 = 0; d0 < dims; d0 += side) {
    const d1 = Math.min(dims, d0 + side);
    for (let i = 0; i < rows; i++) {
      for (let d = d0; d < d1; d++) out[d * rows + i] = data[i * dims + d];
    }
  }
  return out;
}
