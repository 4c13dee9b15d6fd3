import type { NeighbourTree, TreeNeighbourOptions } from "../operation-options.js";
import { insertNearest, type NearestLists } from "./nearest-lists.js";

/** Room for the nodes still to be entered: one per level and the two of the last. */
const STACK = 64;

interface TreeSearch {
  readonly tree: NeighbourTree;
  readonly lists: NearestLists;
  readonly dims: number;
  /** the distance is the largest difference, not the sum of their squares */
  readonly largest: boolean;
}

/** Plain twin of `treeNeighbours`: the same search. */
export function treeNeighbours(
  tree: NeighbourTree,
  distances: Float64Array,
  indices: Int32Array,
  { dims, k, norm }: TreeNeighbourOptions,
): void {
  const { starts, ends, boxes } = tree;
  const leaves = starts.length / 2;
  const search = { tree, lists: { k, distances, indices }, dims, largest: norm === "max" };
  const stack = new Int32Array(STACK);
  const far = new Float64Array(STACK); // distance from the leaf's box to that of each node on the stack
  const gapTo = (leaf: number, node: number) => gapBetween(boxes, leaf * 2 * dims, node * 2 * dims, search);
  distances.fill(Infinity);
  indices.fill(-1);
  for (let leaf = leaves; leaf < 2 * leaves; leaf++) {
    if (starts[leaf] === ends[leaf]) continue;
    let widest = Infinity; // distance of the k-th found so far, largest of the leaf's samples
    // the leaf itself, then what lies beside each node on the way up to the root
    for (let up = leaf, next = leaf; ; next = up ^ 1, up >>= 1) {
      let depth = 1;
      stack[0] = next;
      far[0] = gapTo(leaf, next);
      while (depth > 0) {
        depth--;
        if (far[depth] > widest) continue;
        const node = stack[depth];
        if (node >= leaves) {
          widest = searchLeaf(search, leaf, node);
          continue;
        }
        // the nearer child is entered first
        const left = gapTo(leaf, 2 * node);
        const right = gapTo(leaf, 2 * node + 1);
        const nearer = left <= right ? 0 : 1;
        stack[depth] = 2 * node + 1 - nearer;
        far[depth++] = Math.max(left, right);
        stack[depth] = 2 * node + nearer;
        far[depth++] = Math.min(left, right);
      }
      if (up <= 1) break;
    }
  }
}

/** Measures the samples of leaf `other` for each of leaf `own`; returns the largest distance of a k-th found so far. */
function searchLeaf({ tree, lists, dims, largest }: TreeSearch, own: number, other: number): number {
  const { points, index, starts, ends, boxes } = tree;
  const { k, distances } = lists;
  const low = other * 2 * dims;
  const high = low + dims;
  let widest = 0;
  for (let query = starts[own]; query < ends[own]; query++) {
    const row = index[query];
    const at = query * dims;
    const last = row * k + k - 1;
    let gap = 0;
    for (let d = 0; d < dims; d++) {
      const below = boxes[low + d] - points[at + d];
      const above = points[at + d] - boxes[high + d];
      const side = (below + Math.abs(below) + (above + Math.abs(above))) / 2; // the positive one or 0, without a branch
      gap = largest ? Math.max(gap, side) : gap + side * side;
    }
    if (gap <= distances[last]) {
      for (let candidate = starts[other], c = candidate * dims; candidate < ends[other]; candidate++) {
        let distance = 0;
        for (let d = 0; d < dims; d++, c++) {
          const difference = points[at + d] - points[c];
          distance = largest ? Math.max(distance, Math.abs(difference)) : distance + difference * difference;
        }
        if (distance <= distances[last] && candidate !== query) insertNearest(lists, row, distance, index[candidate]);
      }
    }
    if (distances[last] > widest) widest = distances[last];
  }
  return widest;
}

/** Distance between two boxes, 0 where they meet: by the monotony of rounding never more than that of points inside. */
function gapBetween(boxes: Float64Array, a: number, b: number, { dims, largest }: TreeSearch): number {
  let distance = 0;
  for (let d = 0; d < dims; d++) {
    const gap = Math.max(0, boxes[b + d] - boxes[a + dims + d], boxes[a + d] - boxes[b + dims + d]);
    distance = largest ? Math.max(distance, gap) : distance + gap * gap;
  }
  return distance;
}
