import type { Bvh } from "./bvh.js";
import type { Mesh } from "./mesh.js";

const BINS = 16;
/** Ranges of no more triangles than this are split across their longest side only, looked at in a quarter of the bins. */
const SMALL = 24;
/** Ranges of no more triangles than this become a leaf: splitting them saves less than visiting a node costs. */
const LEAF = 3;
/** Below this depth nodes are halved, so that no tree is deeper than 64 + log2(2^32). */
const DEEP = 64;

/** The nodes while the tree grows, and what is known of the triangles. */
interface Growing {
  /** [t, 6] low and high corner of each triangle's box */
  readonly boxes: Float32Array;
  /** [t, 3] the sums of low and high, twice the middle */
  readonly middles: Float32Array;
  /** [t] triangle numbers, sorted into leaves step by step */
  readonly order: Uint32Array;
  /** nodes so far; the arrays have room for the most there can be */
  nodes: number;
  readonly bounds: Float32Array;
  readonly first: Uint32Array;
  readonly count: Uint8Array;
  readonly axis: Uint8Array;
}

/** Places in the order. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** The nodes of a tree and the order of its triangles; see `Bvh`. */
export function buildTree(mesh: Mesh): Omit<Bvh, "corners"> {
  const total = mesh.materials.length;
  const most = Math.max(1, 2 * total - 1);
  const order = new Uint32Array(total);
  for (let i = 0; i < total; i++) order[i] = i;
  const growing: Growing = {
    ...triangleBoxes(mesh),
    order,
    nodes: 0,
    bounds: new Float32Array(6 * most),
    first: new Uint32Array(most),
    count: new Uint8Array(most),
    axis: new Uint8Array(most),
  };
  if (total > 0) grow(growing, { start: 0, end: total }, 0);
  const { nodes, bounds, first, count, axis } = growing;
  return {
    bounds: bounds.slice(0, 6 * nodes),
    first: first.slice(0, nodes),
    count: count.slice(0, nodes),
    axis: axis.slice(0, nodes),
    triangles: order,
  };
}

function triangleBoxes({ positions, triangles }: Mesh): Pick<Growing, "boxes" | "middles"> {
  const total = triangles.length / 3;
  const boxes = new Float32Array(6 * total);
  const middles = new Float32Array(3 * total);
  for (let t = 0; t < total; t++) {
    for (let k = 0; k < 3; k++) {
      const a = positions[3 * triangles[3 * t] + k];
      const b = positions[3 * triangles[3 * t + 1] + k];
      const c = positions[3 * triangles[3 * t + 2] + k];
      boxes[6 * t + k] = Math.min(a, b, c);
      boxes[6 * t + 3 + k] = Math.max(a, b, c);
      middles[3 * t + k] = Math.min(a, b, c) + Math.max(a, b, c);
    }
  }
  return { boxes, middles };
}

function grow(growing: Growing, range: Range, depth: number): void {
  const { start, end } = range;
  const node = growing.nodes++;
  encloseRange(growing, range, node);
  if (end - start <= LEAF) {
    growing.first[node] = start;
    growing.count[node] = end - start;
    return;
  }
  const plane = depth < DEEP ? cheapestPlane(growing, range) : undefined;
  const middle = plane === undefined ? (start + end) >> 1 : partition(growing, range, plane);
  growing.axis[node] = plane?.axis ?? 0;
  grow(growing, { start, end: middle }, depth + 1);
  growing.first[node] = growing.nodes;
  grow(growing, { start: middle, end }, depth + 1);
}

/** A range's middles along one axis, cut into equal bins. */
interface Binning {
  readonly axis: number;
  readonly low: number;
  /** bins per length */
  readonly scale: number;
  readonly bins: number;
}

interface Plane {
  readonly axis: number;
  readonly binning: Binning;
  /** bins up to this one lie left */
  readonly lastLeft: number;
  /** triangles times area, summed over both sides */
  readonly cost: number;
}

// scratch of one split; nothing in it outlives the call
const low = new Float64Array(3);
const high = new Float64Array(3);
const binCount = new Uint32Array(BINS);
const binBoxes = new Float32Array(6 * BINS);
const leftCost = new Float64Array(BINS);
const sweep = new Float32Array(6);

/** The plane between bins with the least sum of area times triangles; undefined if all middles coincide. */
function cheapestPlane(growing: Growing, range: Range): Plane | undefined {
  spanMiddles(growing, range);
  const small = range.end - range.start <= SMALL;
  const bins = small ? BINS / 4 : BINS;
  const longest = Math.max(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  let best: Plane | undefined;
  for (let axis = 0; axis < 3; axis++) {
    const length = high[axis] - low[axis];
    if (!(length > 0) || (small && length < longest)) continue;
    const binning = { axis, low: low[axis], scale: bins / length, bins };
    fillBins(growing, range, binning);
    const plane = cheapestBetween(binning);
    if (best === undefined || plane.cost < best.cost) best = plane;
  }
  return best;
}

function spanMiddles({ middles, order }: Growing, { start, end }: Range): void {
  low.fill(Number.POSITIVE_INFINITY);
  high.fill(Number.NEGATIVE_INFINITY);
  for (let i = start; i < end; i++) {
    for (let axis = 0, at = 3 * order[i]; axis < 3; axis++, at++) {
      if (middles[at] < low[axis]) low[axis] = middles[at];
      if (middles[at] > high[axis]) high[axis] = middles[at];
    }
  }
}

function fillBins({ boxes, middles, order }: Growing, { start, end }: Range, binning: Binning): void {
  for (let bin = 0; bin < binning.bins; bin++) {
    binCount[bin] = 0;
    clearBox(binBoxes, 6 * bin);
  }
  for (let i = start; i < end; i++) {
    const bin = binOf(middles[3 * order[i] + binning.axis], binning);
    binCount[bin] += 1;
    enclose(binBoxes, 6 * bin, boxes, 6 * order[i]);
  }
}

/** Sweeps over the filled bins from both ends. The first and the last are never empty. */
function cheapestBetween(binning: Binning): Plane {
  clearBox(sweep, 0);
  for (let bin = 0, count = 0; bin < binning.bins; bin++) {
    count += binCount[bin];
    enclose(sweep, 0, binBoxes, 6 * bin);
    leftCost[bin] = count * area(sweep);
  }
  clearBox(sweep, 0);
  let lastLeft = 0;
  let cost = Number.POSITIVE_INFINITY;
  for (let bin = binning.bins - 1, count = 0; bin > 0; bin--) {
    count += binCount[bin];
    enclose(sweep, 0, binBoxes, 6 * bin);
    const here = leftCost[bin - 1] + count * area(sweep);
    if (here < cost) {
      lastLeft = bin - 1;
      cost = here;
    }
  }
  return { axis: binning.axis, binning, lastLeft, cost };
}

function binOf(middle: number, { low: from, scale, bins }: Binning): number {
  return Math.min(bins - 1, Math.floor((middle - from) * scale));
}

/** Moves the triangles left of a plane to the front of their range; returns where the others begin. */
function partition({ middles, order }: Growing, { start, end }: Range, { axis, binning, lastLeft }: Plane): number {
  let left = start;
  let right = end - 1;
  while (left <= right) {
    const triangle = order[left];
    if (binOf(middles[3 * triangle + axis], binning) <= lastLeft) left += 1;
    else {
      order[left] = order[right];
      order[right] = triangle;
      right -= 1;
    }
  }
  return left;
}

/** The box of a node is that around its range. */
function encloseRange({ boxes, order, bounds }: Growing, { start, end }: Range, node: number): void {
  clearBox(bounds, 6 * node);
  for (let i = start; i < end; i++) enclose(bounds, 6 * node, boxes, 6 * order[i]);
}

function clearBox(box: Float32Array, at: number): void {
  for (let k = 0; k < 3; k++) {
    box[at + k] = Number.POSITIVE_INFINITY;
    box[at + 3 + k] = Number.NEGATIVE_INFINITY;
  }
}

function enclose(box: Float32Array, at: number, other: Float32Array, from: number): void {
  for (let k = 0; k < 3; k++) {
    if (other[from + k] < box[at + k]) box[at + k] = other[from + k];
    if (other[from + 3 + k] > box[at + 3 + k]) box[at + 3 + k] = other[from + 3 + k];
  }
}

/** Half the surface of a box. */
function area(box: Float32Array): number {
  const dx = box[3] - box[0];
  const dy = box[4] - box[1];
  const dz = box[5] - box[2];
  return dx * dy + dy * dz + dz * dx;
}
