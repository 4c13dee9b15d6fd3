import { addPair, exactSquaredDistances, pairList } from "./exact-distances.js";
import { centredNorms, distanceErrorBound, type GramBlock, gramBlock } from "./gram-distances.js";
import type { KthNeighbours, Samples } from "./samples.js";

/** Entries of a block of approximate distances (float64): bounds the memory for many samples. */
const BLOCK_ENTRIES = 2 ** 22;

/**
 * k-th Euclidean neighbours for many dimensions: approximate distances by matrix products, exact ones only where the
 * error bound leaves the order open. Same neighbours and radii as comparing every pair, since the bound is a proof: a
 * sample surely nearer than the k-th only counts, one surely farther is ignored, the rest are measured.
 * @returns undefined where float32 products cannot be trusted (values out of range or undefined)
 */
export function gramNeighbours(samples: Samples, k: number): KthNeighbours | undefined {
  const { rows, order } = samples;
  const norms = centredNorms(samples);
  if (norms === undefined) return undefined;
  const twins = firstEqualSamples(samples, norms);
  const radii = new Float64Array(rows);
  const neighbours = new Int32Array(rows);
  const step = order === "columns" ? rows : Math.max(1, Math.min(rows, Math.floor(BLOCK_ENTRIES / rows)));
  for (let from = 0; from < rows; from += step) {
    const block = gramBlock(samples, norms, from, Math.min(rows, from + step));
    decideBlock(samples, { block, norms, twins, k }, { radii, neighbours });
  }
  return { radii, neighbours };
}

interface Candidates {
  readonly block: GramBlock;
  readonly norms: Float64Array;
  /** [N] first sample equal to each */
  readonly twins: Int32Array;
  readonly k: number;
}

/** Fill the results of one block of samples. */
function decideBlock(samples: Samples, { block, norms, twins, k }: Candidates, out: KthNeighbours): void {
  const { rows } = samples;
  const { squared, from, to } = block;
  const lower = new Float64Array(rows);
  const upper = new Float64Array(rows);
  const nearest = new Float64Array(k);
  const pairs = pairList(4 * (to - from));
  const open = pairList(4 * (to - from)); // (candidate, its pair), sample after sample
  const openFrom = new Int32Array(to - from + 1);
  const ranks = new Int32Array(to - from); // rank of the k-th neighbour among the open candidates, from 0
  const pairOf = new Int32Array(rows); // pair of the current sample with a twin class, +1
  for (let i = from; i < to; i++) {
    // bounds of every squared distance, and of the k-th smallest
    for (let j = 0, at = (i - from) * rows; j < rows; j++, at++) {
      const bound = distanceErrorBound(norms[i] + norms[j]);
      lower[j] = squared[at] - bound;
      upper[j] = squared[at] + bound;
    }
    const low = kthSmallest(lower, i, nearest);
    const high = kthSmallest(upper, i, nearest);
    // keep the candidates that may be the k-th
    let nearer = 0;
    const firstPair = pairs.length;
    for (let j = 0; j < rows; j++) {
      if (j === i || lower[j] > high) continue;
      if (upper[j] < low) {
        nearer++;
        continue;
      }
      const twin = twins[j];
      if (pairOf[twin] <= firstPair) pairOf[twin] = addPair(pairs, twins[i], twin) + 1;
      addPair(open, j, pairOf[twin] - 1);
    }
    ranks[i - from] = k - 1 - nearer;
    openFrom[i - from + 1] = open.length;
  }
  const exact = exactSquaredDistances(samples, pairs);
  for (let i = from; i < to; i++) {
    const start = openFrom[i - from];
    const candidates = open.first.subarray(start, openFrom[i - from + 1]);
    const distances = Float64Array.from(open.second.subarray(start, openFrom[i - from + 1]), (pair) => exact[pair]);
    const chosen = positionOfRank(distances, ranks[i - from]);
    out.neighbours[i] = candidates[chosen];
    out.radii[i] = Math.sqrt(distances[chosen]);
  }
}

/** Position of the entry with the given rank, entries ordered by (value, position). */
function positionOfRank(values: Float64Array, rank: number): number {
  if (values.length === 1) return 0;
  const order = Int32Array.from(values, (_, at) => at);
  order.sort((a, b) => values[a] - values[b] || a - b);
  return order[rank];
}

/** The k-th smallest value (k = nearest.length), leaving out one position; `nearest` is scratch. */
function kthSmallest(values: Float64Array, skip: number, nearest: Float64Array): number {
  const last = nearest.length - 1;
  nearest.fill(Infinity);
  for (let j = 0; j < values.length; j++) {
    const value = values[j];
    if (j === skip || value >= nearest[last]) continue;
    let at = last;
    for (; at > 0 && nearest[at - 1] > value; at--) nearest[at] = nearest[at - 1];
    nearest[at] = value;
  }
  return nearest[last];
}

/**
 * For each sample the first one equal to it, [N]: dead channels are often all alike, and a distance to one of them is a
 * distance to all. Equal samples have equal norms to the bit; an exact distance of 0 confirms it.
 */
function firstEqualSamples(samples: Samples, norms: Float64Array): Int32Array {
  const twins = Int32Array.from(norms, (_, i) => i);
  const firstWith = new Map<number, number>();
  const pairs = pairList(16);
  for (let i = 0; i < norms.length; i++) {
    const first = firstWith.get(norms[i]);
    if (first === undefined) firstWith.set(norms[i], i);
    else addPair(pairs, first, i);
  }
  const distances = exactSquaredDistances(samples, pairs);
  for (let q = 0; q < pairs.length; q++) if (distances[q] === 0) twins[pairs.second[q]] = pairs.first[q];
  return twins;
}
