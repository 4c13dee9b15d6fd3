import { boxDistance, pointDistance } from "./box-distance.js";
import { buildKdTree, type KdTree } from "./kd-tree.js";
import type { Samples } from "./samples.js";

/**
 * How many other samples lie within a radius of each sample, by the max norm: nearer than it, or no farther.
 * Distances are the same float64 differences as those of neighbours, so a sample exactly at a radius is seen as such.
 * @param radii     [N], one per sample; NaN counts none
 * @param inclusive count samples at the radius itself
 * @returns         [N]; the sample itself is never counted, nor is one with NaN or infinite values
 */
export function countWithin(samples: Samples, radii: Float64Array, inclusive: boolean): Int32Array {
  return samples.dims === 1 ? countOnLine(samples, radii, inclusive) : countInTree(samples, radii, inclusive);
}

/** One dimension: two binary searches in the sorted values. Rounded differences are monotonic, so the searches are exact. */
function countOnLine({ data }: Samples, radii: Float64Array, inclusive: boolean): Int32Array {
  const sorted = Float64Array.from(data).filter(Number.isFinite).sort();
  const within = (difference: number, radius: number) => (inclusive ? difference <= radius : difference < radius);
  return Int32Array.from(radii, (radius, i) => {
    const value = data[i];
    if (!Number.isFinite(value) || !within(0, radius)) return 0;
    let [low, high] = [0, sorted.length]; // first one near enough from below
    while (low < high) {
      const middle = (low + high) >> 1;
      if (within(value - sorted[middle], radius)) high = middle;
      else low = middle + 1;
    }
    const first = low;
    high = sorted.length; // first one too far above
    while (low < high) {
      const middle = (low + high) >> 1;
      if (within(sorted[middle] - value, radius)) low = middle + 1;
      else high = middle;
    }
    return low - first - 1;
  });
}

function countInTree(samples: Samples, radii: Float64Array, inclusive: boolean): Int32Array {
  const tree = buildKdTree(samples);
  const { dims, points, index, leaves, starts, ends, boxes } = tree;
  const counts = new Int32Array(samples.rows);
  const stack = new Int32Array(64);
  for (let query = 0; query < tree.count; query++) {
    const at = query * dims;
    const radius = radii[index[query]];
    if (!(inclusive ? radius >= 0 : radius > 0)) continue;
    let count = -1; // itself
    let depth = 1;
    stack[0] = 1;
    while (depth > 0) {
      const node = stack[--depth];
      const near = boxDistance(points, at, boxes, node * 2 * dims, dims, true);
      if (inclusive ? near > radius : near >= radius) continue;
      const far = farthest(tree, at, node);
      if (inclusive ? far <= radius : far < radius) {
        count += ends[node] - starts[node];
      } else if (node < leaves) {
        stack[depth++] = 2 * node;
        stack[depth++] = 2 * node + 1;
      } else {
        for (let other = starts[node]; other < ends[node]; other++) {
          const distance = pointDistance(points, at, other * dims, dims, true);
          if (inclusive ? distance <= radius : distance < radius) count++;
        }
      }
    }
    counts[index[query]] = count;
  }
  return counts;
}

/** Largest distance, by the max norm, from a point to anything in a node's box. */
function farthest({ dims, points, boxes }: KdTree, at: number, node: number): number {
  const box = node * 2 * dims;
  let distance = 0;
  for (let d = 0; d < dims; d++) {
    const value = points[at + d];
    distance = Math.max(distance, value - boxes[box + d], boxes[box + dims + d] - value);
  }
  return distance;
}
