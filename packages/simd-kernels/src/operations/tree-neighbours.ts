import { checkIndices, checkNoneTwice } from "../check-arguments.js";
import { NearestLists } from "./nearest-lists.js";
import { choice, count, index, type OperationTable, reads, writes } from "./operation.js";

/**
 * A balanced k-d tree. Node 1 is the root, the children of node n are 2n and 2n + 1, the last `leaves` (a power of two) of
 * 2·leaves nodes are the leaves. The points of a node are consecutive.
 */
export interface NeighbourTree {
  /** [count, dims] finite samples in the order of the leaves */
  readonly points: Float64Array;
  /** [count] which sample each point is, none twice */
  readonly index: Int32Array;
  /** [2·leaves] first point of each node */
  readonly starts: Int32Array;
  /** [2·leaves] end of each node's points */
  readonly ends: Int32Array;
  /** [2·leaves, 2, dims] smallest box around each node's points: lowest, then highest coordinates */
  readonly boxes: Float64Array;
}

/** Sizes of a search in a {@link NeighbourTree}. */
export interface TreeNeighbourOptions {
  /** number of samples, those that the tree leaves out included */
  readonly samples: number;
  readonly dims: number;
  /** neighbours to list */
  readonly k: number;
  readonly norm: "euclidean" | "max";
}

/** Lists of the nearest samples of each sample. */
export interface NearestSamples {
  /** [samples, k] ascending by (distance, index), squared if Euclidean; Infinity where there are fewer */
  readonly distances: Float64Array;
  /** [samples, k] -1 where there are fewer */
  readonly indices: Int32Array;
}

export interface TreeNeighbourOperations {
  /**
   * The k nearest other samples of each sample of a tree. Samples that the tree leaves out have none. Differences and sums
   * are float64 in the order of the coordinates, the same bits on every layer.
   */
  treeNeighbours(tree: NeighbourTree, nearest: NearestSamples, options: TreeNeighbourOptions): void;
}

/** Most nodes of a k-d tree: a search keeps one per level. */
const MOST_NODES = 2 ** 30;
/** Room for the nodes still to be entered: one per level and the two of the last. */
const STACK = 64;

export const treeNeighbourOperations: OperationTable<TreeNeighbourOperations> = {
  treeNeighbours: {
    arrays: {
      ...{ points: reads("float64"), index: reads("int32"), starts: reads("int32"), ends: reads("int32") },
      ...{ boxes: reads("float64"), distances: writes("float64"), indices: writes("int32") },
    },
    sizes: {
      ...{ samples: index(), count, dims: index(1), leaves: count, k: index(1) },
      norm: choice("Norm", ["euclidean", "max"]),
    },
    arraysOf: ({ points, index, starts, ends, boxes }, { distances, indices }) => [
      points,
      index,
      starts,
      ends,
      boxes,
      distances,
      indices,
    ],
    sizesOf: (tree, _nearest, { samples, dims, k, norm }) => [
      samples,
      tree.index.length,
      dims,
      tree.starts.length / 2,
      k,
      norm,
    ],
    checkSizes(where, { starts }) {
      const nodes = starts.length;
      if (nodes < 2 || nodes > MOST_NODES || !Number.isInteger(Math.log2(nodes))) {
        throw new RangeError(`${where}: expected a power of two from 2 on for the length of starts, got ${nodes}`);
      }
    },
    shapesOf({ index, starts }, _nearest, { samples, dims, k }) {
      const nodes = starts.length;
      return [[index.length, dims], null, null, [nodes], [nodes, 2, dims], [samples, k], [samples, k]];
    },
    checkContents({ where, find }, { index, starts, ends }, _nearest, { samples }) {
      checkIndices(where, "index", index, [0, samples], find);
      checkNoneTwice(where, "index", index, samples);
      checkIndices(where, "starts", starts, [0, index.length + 1], find);
      checkIndices(where, "ends", ends, [0, index.length + 1], find);
      // A point of two leaves would be searched for by two threads at once.
      for (let leaf = starts.length / 2, end = 0; leaf < starts.length; end = ends[leaf++]) {
        if (starts[leaf] >= end && ends[leaf] >= starts[leaf]) continue;
        const got = `${starts[leaf]}..${ends[leaf]} for node ${leaf}`;
        throw new RangeError(`${where}: expected leaves one after the other for starts and ends, got ${got}`);
      }
    },
    plain(tree, { distances, indices }, { dims, k, norm }) {
      const { starts, ends, boxes } = tree;
      const leaves = starts.length / 2;
      const lists = new NearestLists(k, distances, indices);
      const search = { tree, lists, dims, largest: norm === "max" };
      const stack = new Int32Array(STACK);
      const far = new Float64Array(STACK); // distance from the leaf's box to that of each node on the stack
      const gapTo = (leaf: number, node: number) => gapBetween(boxes, leaf * 2 * dims, node * 2 * dims, search);
      lists.clear();
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
    },
  },
};

interface TreeSearch {
  readonly tree: NeighbourTree;
  readonly lists: NearestLists;
  readonly dims: number;
  /** the distance is the largest difference, not the sum of their squares */
  readonly largest: boolean;
}

/** Measures the samples of leaf `other` for each of leaf `own`; returns the largest distance of a k-th found so far. */
function searchLeaf({ tree, lists, dims, largest }: TreeSearch, own: number, other: number): number {
  const { points, index, starts, ends, boxes } = tree;
  const low = other * 2 * dims;
  const high = low + dims;
  let widest = 0;
  for (let query = starts[own]; query < ends[own]; query++) {
    const row = index[query];
    const at = query * dims;
    let gap = 0;
    for (let d = 0; d < dims; d++) {
      const below = boxes[low + d] - points[at + d];
      const above = points[at + d] - boxes[high + d];
      const side = (below + Math.abs(below) + (above + Math.abs(above))) / 2; // the positive one or 0, without a branch
      gap = largest ? Math.max(gap, side) : gap + side * side;
    }
    if (gap <= lists.last(row)) {
      for (let candidate = starts[other], c = candidate * dims; candidate < ends[other]; candidate++) {
        let distance = 0;
        for (let d = 0; d < dims; d++, c++) {
          const difference = points[at + d] - points[c];
          distance = largest ? Math.max(distance, Math.abs(difference)) : distance + difference * difference;
        }
        if (distance <= lists.last(row) && candidate !== query) lists.add(row, distance, index[candidate]);
      }
    }
    if (lists.last(row) > widest) widest = lists.last(row);
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
