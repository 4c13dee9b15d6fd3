import { kernels } from "simd-kernels";
import { binaryUnit, inUnit } from "./binary-unit.js";
import { directNeighbours } from "./direct-neighbours.js";
import { copiesBeyond } from "./equal-samples.js";
import { gramNeighbours } from "./gram-neighbours.js";
import { buildKdTree } from "./kd-tree.js";
import type { NeighbourOptions } from "./kth-neighbours.js";
import type { NearestLists } from "./nearest-list.js";
import { checkNorm, checkSamples, type Norm, type Samples, type Values } from "./samples.js";

/** The k nearest other samples of each sample. */
export interface NearestNeighbours {
  readonly k: number;
  /** [N, k] indices, nearest first; −1 where NaN or infinite values leave them undefined */
  readonly neighbours: Int32Array;
  /** [N, k] distances (not squared); NaN where undefined */
  readonly distances: Float64Array;
}

/** Operations (N² D) up to which comparing every pair costs no more than preparing anything. */
const DIRECT_WORK = 2 ** 15;

/** Dimensions from which blocks of the distance matrix (Euclidean) or every pair (max) are faster than a tree. */
const TREE_DIMS = { euclidean: 6, max: 24 } as const;

/**
 * The k nearest other samples of each sample, by (distance, index): a tie goes to the lower index, and a sample is never its
 * own neighbour. Distances are float64 sums of direct differences, whatever the offset. A k-d tree for few dimensions,
 * blocks of Gram matrices for many, every pair for few samples; all three give the same.
 * @param x [rows, dims] row-major
 * @throws TypeError for another kind of array, RangeError for sizes that disagree or k outside 1..rows − 1
 */
export function nearestNeighbours(
  x: Values,
  { rows, dims, k, norm = "euclidean" }: NeighbourOptions,
): NearestNeighbours {
  checkSamples("nearestNeighbours", x, rows, dims, k);
  checkNorm("nearestNeighbours", norm);
  return findNearest({ data: x, rows, dims }, k, norm);
}

/** The same, sizes already checked. Squares at extreme scales are those of samples times a power of two. */
export function findNearest(samples: Samples, k: number, norm: Norm): NearestNeighbours {
  const unit = norm === "max" ? 1 : binaryUnit(samples);
  const { indices, distances } = searchNearest(inUnit(samples, unit), k, norm);
  for (let at = 0; at < distances.length; at++) {
    if (indices[at] < 0) distances[at] = NaN;
    else if (norm === "euclidean") distances[at] = Math.sqrt(distances[at]) / unit;
  }
  return { k, neighbours: indices, distances };
}

function searchNearest(samples: Samples, k: number, norm: Norm): NearestLists {
  const { rows, dims } = samples;
  if (rows * rows * dims <= DIRECT_WORK) return directNeighbours(samples, k, norm);
  if (dims < TREE_DIMS[norm]) return treeNeighbours(samples, k, norm);
  return norm === "euclidean" ? gramNeighbours(samples, k) : directNeighbours(samples, k, norm);
}

/** A tree of at most k + 1 of equal samples: all of them would be at distance 0 of each other, and each would meet all. */
function treeNeighbours(samples: Samples, k: number, norm: Norm): NearestLists {
  const { rows, dims } = samples;
  const distances = new Float64Array(rows * k);
  const indices = new Int32Array(rows * k);
  const twins = copiesBeyond(samples, k + 1);
  kernels().treeNeighbours(buildKdTree(samples, twins), { distances, indices }, { samples: rows, dims, k, norm });
  twins.forEach((twin, row) => {
    if (twin < 0) return;
    distances.fill(0, row * k, row * k + k);
    indices.copyWithin(row * k, twin * k, twin * k + k);
  });
  return { k, distances, indices };
}
