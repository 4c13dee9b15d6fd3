import { directNeighbours } from "./direct-neighbours.js";
import { gramNeighbours } from "./gram-neighbours.js";
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

/** Fewest dimensions and operations (N² D) from which matrix products are worth their preparation. */
const GRAM_DIMS = 16;
const GRAM_WORK = 2 ** 17;

/**
 * The k-th nearest other sample of each sample. Neighbours are ordered by (distance, index), so a tie goes to the lowest
 * index; a sample is never its own neighbour. Distances are float64 sums of direct differences, whatever the offset.
 * @param x [rows, dims] row-major
 * @throws TypeError for another kind of array, RangeError for sizes that disagree or k outside 1..rows − 1
 */
export function kthNeighbours(x: Values, { rows, dims, k, norm = "euclidean" }: NeighbourOptions): KthNeighbours {
  checkSamples("kthNeighbours", x, rows, dims, k);
  checkNorm("kthNeighbours", norm);
  return findNeighbours({ data: x, rows, dims, order: "rows" }, k, norm);
}

/** The same for samples in either memory order, sizes already checked. */
export function findNeighbours(samples: Samples, k: number, norm: Norm): KthNeighbours {
  const { rows, dims } = samples;
  if (norm === "euclidean" && dims >= GRAM_DIMS && rows * rows * dims >= GRAM_WORK) {
    const found = gramNeighbours(samples, k);
    if (found !== undefined) return found;
  }
  return directNeighbours(samples, k, norm);
}
