import type { NeighbourTree } from "simd-kernels";
import type { Samples } from "./samples.js";

/** Most samples of a leaf. */
const LEAF = 12;

/** A balanced k-d tree of the samples without NaN and infinite values. */
export interface KdTree extends NeighbourTree {
  readonly dims: number;
  /** samples in the tree */
  readonly count: number;
  /** number of leaves, a power of two */
  readonly leaves: number;
}

/**
 * Splits the samples at the median of the longest side of their box, again and again. Time N log N.
 * @param twins [N] samples with an entry of at least 0 are left out, see `copiesBeyond`
 */
export function buildKdTree({ data, rows, dims }: Samples, twins?: Int32Array): KdTree {
  const given = new Float64Array(rows * dims);
  const index = new Int32Array(rows);
  let count = 0;
  for (let i = 0; i < rows; i++) {
    let finite = 0;
    for (let d = 0; d < dims; d++) {
      const value = data[i * dims + d];
      given[i * dims + d] = value;
      finite += value - value; // 0, or NaN
    }
    if (finite === 0 && !(twins && twins[i] >= 0)) index[count++] = i;
  }
  let leaves = 1;
  while (leaves * LEAF < count) leaves *= 2;
  const starts = new Int32Array(2 * leaves);
  const ends = new Int32Array(2 * leaves);
  const boxes = new Float64Array(4 * leaves * dims);
  const keys = new Float64Array(count);
  ends[1] = count;
  for (let node = 1; node < 2 * leaves; node++) {
    const [from, to] = [starts[node], ends[node]];
    boundInto(boxes, node * 2 * dims, { given, dims, index, from, to });
    if (node >= leaves) continue;
    const middle = (from + to) >> 1;
    const axis = longestSide(boxes, node * 2 * dims, dims);
    for (let i = from; i < to; i++) keys[i] = given[index[i] * dims + axis];
    if (to - from > 1) partition(keys, index, from, to, middle);
    starts[2 * node] = from;
    ends[2 * node] = starts[2 * node + 1] = middle;
    ends[2 * node + 1] = to;
  }
  const points = new Float64Array(count * dims);
  for (let i = 0; i < count; i++) {
    for (let d = 0; d < dims; d++) points[i * dims + d] = given[index[i] * dims + d];
  }
  return { dims, count, points, index: index.subarray(0, count), leaves, starts, ends, boxes };
}

/** Part of the samples: those at places from..to of `index`. */
interface Part {
  readonly given: Float64Array;
  readonly dims: number;
  readonly index: Int32Array;
  readonly from: number;
  readonly to: number;
}

/** Lowest and highest coordinates of a part; Infinity and −Infinity of nothing. */
function boundInto(boxes: Float64Array, base: number, { given, dims, index, from, to }: Part): void {
  for (let d = 0; d < dims; d++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = from; i < to; i++) {
      const value = given[index[i] * dims + d];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    boxes[base + d] = low;
    boxes[base + dims + d] = high;
  }
}

function longestSide(boxes: Float64Array, base: number, dims: number): number {
  let axis = 0;
  let longest = -1;
  for (let d = 0; d < dims; d++) {
    const side = boxes[base + dims + d] - boxes[base + d];
    if (side > longest) {
      longest = side;
      axis = d;
    }
  }
  return axis;
}

/** Quickselect: moves the smaller keys of from..to before `middle`, the larger ones behind. Equal keys fall on both sides. */
function partition(keys: Float64Array, index: Int32Array, from: number, to: number, middle: number): void {
  let low = from;
  let high = to - 1;
  while (low < high) {
    const pivot = keys[(low + high) >> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (keys[i] < pivot) i++;
      while (keys[j] > pivot) j--;
      if (i > j) break;
      const key = keys[i];
      keys[i] = keys[j];
      keys[j] = key;
      const which = index[i];
      index[i++] = index[j];
      index[j--] = which;
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}
