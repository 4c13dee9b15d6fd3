import { boxDistance, pointDistance } from "./box-distance.js";
import type { KdTree } from "./kd-tree.js";
import { emptyLists, insertNearest, type NearestLists } from "./nearest-list.js";
import type { Norm } from "./samples.js";

/** Room for the nodes still to be entered: one per level and the two of the last. */
const STACK = 64;

/**
 * Nearest neighbours of each sample of a k-d tree, the same as by comparing every pair: a box is never farther than what
 * it holds ({@link boxDistance}), and boxes just as far as the k-th neighbour are entered for the sake of lower indices.
 * @param rows samples that the tree was built of; those it left out (NaN, infinite) keep empty lists
 */
export function treeNeighbours(tree: KdTree, rows: number, k: number, norm: Norm): NearestLists {
  const { dims, points, index, leaves, starts, ends, boxes } = tree;
  const lists = emptyLists(rows, k);
  const { distances } = lists;
  const largest = norm === "max";
  const stack = new Int32Array(STACK);
  const far = new Float64Array(STACK); // distance to the box of each node on the stack
  for (let leaf = leaves; leaf < 2 * leaves; leaf++) {
    for (let query = starts[leaf]; query < ends[leaf]; query++) {
      const row = index[query];
      const at = query * dims;
      const last = row * k + k - 1;
      let limit = Infinity; // distance of the k-th found so far
      // the own leaf, then what lies beside each node on the way up to the root
      for (let up = leaf, next = leaf; ; next = up ^ 1, up >>= 1) {
        let depth = 1;
        stack[0] = next;
        far[0] = next === leaf ? 0 : boxDistance(points, at, boxes, next * 2 * dims, dims, largest);
        while (depth > 0) {
          depth--;
          if (far[depth] > limit) continue;
          const node = stack[depth];
          if (node >= leaves) {
            for (let other = starts[node]; other < ends[node]; other++) {
              if (other === query) continue;
              const distance = pointDistance(points, at, other * dims, dims, largest);
              if (distance <= limit) {
                insertNearest(lists, row, distance, index[other]);
                limit = distances[last];
              }
            }
            continue;
          }
          // the nearer child is entered first
          const left = boxDistance(points, at, boxes, node * 4 * dims, dims, largest);
          const right = boxDistance(points, at, boxes, (node * 4 + 2) * dims, dims, largest);
          const nearer = left <= right ? 0 : 1;
          const farther = Math.max(left, right);
          if (farther <= limit) {
            stack[depth] = 2 * node + 1 - nearer;
            far[depth++] = farther;
          }
          stack[depth] = 2 * node + nearer;
          far[depth++] = Math.min(left, right);
        }
        if (up <= 1) break;
      }
    }
  }
  return lists;
}
