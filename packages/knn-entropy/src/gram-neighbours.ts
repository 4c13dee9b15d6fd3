import { kernels } from "simd-kernels";
import { type BoundedSamples, boundLimit, boundSamples, packColumnsInto, packRowsInto } from "./bounded-samples.js";
import { pointDistance } from "./box-distance.js";
import { emptyLists, insertNearest, type NearestLists } from "./nearest-list.js";
import type { Samples } from "./samples.js";

/** Samples of a block of the distance matrix: one way, and the other (a multiple of {@link GROUP}). */
const BLOCK_ROWS = 128;
const BLOCK_COLUMNS = 4096;

/** Neighbouring columns that are judged by their smallest entry first. */
const GROUP = 64;

/** Groups that are measured first, at most. */
const MOST_SEEDS = 8;

/**
 * Nearest neighbours by Euclidean distance, block by block of the N×N matrix. A float32 product gives a lower bound of
 * each squared distance ({@link BoundedSamples}); what the bound leaves in question is measured in float64 by direct
 * differences. So the result is that of comparing every pair, whatever the offset; where float32 resolves nothing
 * (clusters far apart), every pair is measured. Memory N·(D + k) and one block.
 */
export function gramNeighbours(samples: Samples, k: number): NearestLists {
  const lists = emptyLists(samples.rows, k);
  const bounded = boundSamples(samples);
  const { rows, terms } = bounded;
  const width = Math.min(BLOCK_COLUMNS, Math.ceil(rows / GROUP) * GROUP);
  const height = Math.min(BLOCK_ROWS, rows);
  const left = new Float32Array(height * terms);
  const right = new Float32Array(width * terms);
  const bounds = new Float32Array(height * width);
  const smallest = new Float32Array((height * width) / GROUP);
  for (let column = 0; column < rows; column += width) {
    packColumnsInto(bounded, column, right);
    for (let row = 0; row < rows; row += height) {
      packRowsInto(bounded, row, left);
      kernels().gemm(left, right, bounds, { m: height, n: width, k: terms, transposeB: true });
      kernels().reduce("min", bounds, smallest, { outer: smallest.length, inner: GROUP, axis: "inner" });
      const end = Math.min(rows, row + height);
      for (let i = row; i < end; i++) {
        if (bounded.finite[i] === 0) continue;
        const first = (i - row) * width;
        searchRow(bounded, lists, { row: i, column, bounds, smallest, first, end: first + width });
      }
    }
  }
  return lists;
}

/** Bounds of one sample against those from `column` on: entries first..end of a block. */
interface BlockRow {
  readonly row: number;
  readonly column: number;
  readonly bounds: Float32Array;
  /** least bound of each group of the block */
  readonly smallest: Float32Array;
  readonly first: number;
  readonly end: number;
}

/** Measures what may belong to the k nearest; groups with the least bounds come first, so that few others remain. */
function searchRow(bounded: BoundedSamples, lists: NearestLists, block: BlockRow): void {
  const { smallest } = block;
  const [firstGroup, endGroup] = [block.first / GROUP, block.end / GROUP];
  const last = block.row * lists.k + lists.k - 1;
  for (let seed = Math.min(lists.k, MOST_SEEDS); seed > 0; seed--) {
    let least = firstGroup;
    for (let group = firstGroup + 1; group < endGroup; group++) if (smallest[group] < smallest[least]) least = group;
    if (smallest[least] > boundLimit(bounded, lists.distances[last])) return;
    searchGroup(bounded, lists, block, least * GROUP);
    smallest[least] = Infinity; // done
  }
  for (let group = firstGroup; group < endGroup; group++) {
    if (smallest[group] <= boundLimit(bounded, lists.distances[last]))
      searchGroup(bounded, lists, block, group * GROUP);
  }
}

/** Measures those of GROUP samples whose bounds, at `from` in the block, leave them in question. */
function searchGroup(bounded: BoundedSamples, lists: NearestLists, block: BlockRow, from: number): void {
  const { values, dims } = bounded;
  const { row, bounds } = block;
  const last = row * lists.k + lists.k - 1;
  let limit = boundLimit(bounded, lists.distances[last]);
  for (let at = from; at < from + GROUP; at++) {
    if (!(bounds[at] <= limit)) continue;
    const other = block.column + at - block.first;
    if (other === row) continue;
    insertNearest(lists, row, pointDistance(values, row * dims, other * dims, dims, false), other);
    limit = boundLimit(bounded, lists.distances[last]);
  }
}
