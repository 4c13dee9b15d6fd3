// The nearest samples of every sample of a k-d tree.
//
// Limits. Differences and sums are float64 in the order of the coordinates, each product rounded by itself: the same bits on
// every layer. Trees of at most 2³⁰ nodes; samples are finite.
//
// The samples of a leaf go through the tree together: the way there is
// that of one, and what they meet is in the cache.
#pragma once
#include "nearest-list.h"
#include "vector.h"

namespace SIMD_VARIANT {

// Node 1 is the root, the children of node n are 2n and 2n + 1, nodes leaves .. 2·leaves - 1 are the leaves.
struct Tree {
  const double* points;  // [count, dims] in the order of the leaves
  const int* index;      // [count] which sample each is
  const int* starts;     // [2·leaves] first point of a node
  const int* ends;       // [2·leaves]
  const double* boxes;   // [2·leaves, 2, dims] lowest, then highest coordinates
  Index count, dims, leaves;
};

constexpr Index treeDepth = 64;
constexpr Index leavesPerTask = 8;

// How far a value lies outside of low..high.
static inline double outside(double value, double low, double high) {
  const double below = low - value, above = value - high;
  const double side = below > above ? below : above;
  return side > 0 ? side : 0;
}

// `Dims` is the number of dimensions where it is known when this is compiled, else 0.
template <Index Dims, bool Largest>
struct TreeSearch {
  Tree tree;
  double* distances;  // [samples, k]
  int* indices;       // [samples, k]
  Index k;

  Index dims() const { return Dims > 0 ? Dims : tree.dims; }
  const double* box(Index node) const { return tree.boxes + node * 2 * dims(); }

  // Between two boxes: never more than the distance of two points inside, by the monotony of rounding.
  double gap(const double* a, const double* b) const {
    double distance = 0;
    for (Index d = 0; d < dims(); d++) {
      const double above = b[d] - a[dims() + d], below = a[d] - b[dims() + d];
      const double side = above > below ? above : below;
      distance = joined<Largest>(distance, side > 0 ? side : 0);
    }
    return distance;
  }

  // Measures the points of leaf `other` for each of leaf `own`; returns the largest distance of a k-th found so far.
  double searchLeaf(Index own, Index other) const {
    const double* low = box(other);
    const double* high = low + dims();
    double widest = 0;
    for (Index query = tree.starts[own]; query < tree.ends[own]; query++) {
      const double* point = tree.points + query * dims();
      const Index row = tree.index[query];
      const NearestList list{distances + row * k, indices + row * k, k};
      double distance = 0;
      for (Index d = 0; d < dims(); d++) distance = joined<Largest>(distance, outside(point[d], low[d], high[d]));
      if (distance <= list.last())
        for (Index candidate = tree.starts[other]; candidate < tree.ends[other]; candidate++) {
          const double* to = tree.points + candidate * dims();
          double far = 0;
          for (Index d = 0; d < dims(); d++) far = joined<Largest>(far, point[d] - to[d]);
          if (far <= list.last() && candidate != query) list.add(far, tree.index[candidate]);
        }
      if (list.last() > widest) widest = list.last();
    }
    return widest;
  }

  // The leaf itself, then what lies beside each node on the way up to the root, nearer boxes first.
  void searchFrom(Index leaf) const {
    if (tree.starts[leaf] == tree.ends[leaf]) return;
    const double* own = box(leaf);
    Index stack[treeDepth];
    double far[treeDepth];
    double widest = __builtin_inf();
    for (Index up = leaf, next = leaf;; next = up ^ 1, up >>= 1) {
      Index depth = 1;
      stack[0] = next;
      far[0] = gap(own, box(next));
      while (depth > 0) {
        depth--;
        if (far[depth] > widest) continue;
        const Index node = stack[depth];
        if (node >= tree.leaves) {
          widest = searchLeaf(leaf, node);
          continue;
        }
        const double left = gap(own, box(2 * node)), right = gap(own, box(2 * node + 1));
        const Index nearer = left <= right ? 0 : 1;
        stack[depth] = 2 * node + 1 - nearer;
        far[depth++] = nearer == 0 ? right : left;
        stack[depth] = 2 * node + nearer;
        far[depth++] = nearer == 0 ? left : right;
      }
      if (up <= 1) break;
    }
  }

  void searchAll(Runtime& runtime) const {
    parallel(runtime, divideUp(tree.leaves, leavesPerTask), 1000.0 * tree.count, [&](Index task) {
      for (Index leaf = task * leavesPerTask; leaf < least(tree.leaves, (task + 1) * leavesPerTask); leaf++)
        searchFrom(tree.leaves + leaf);
    });
  }
};

struct NearestLists {
  double* distances;  // [samples, k]
  int* indices;       // [samples, k]
  Index samples, k;
};

// Ascending lists by (distance, index); samples that are not in the tree keep empty ones.
static int treeNeighbours(Runtime& runtime, const Tree& tree, const NearestLists& lists, bool largest) {
  const auto [distances, indices, samples, k] = lists;
  NearestList{distances, indices, samples * k}.clear();  // all at once
  if (tree.dims == 3) {
    if (largest) TreeSearch<3, true>{tree, distances, indices, k}.searchAll(runtime);
    else TreeSearch<3, false>{tree, distances, indices, k}.searchAll(runtime);
  } else {
    if (largest) TreeSearch<0, true>{tree, distances, indices, k}.searchAll(runtime);
    else TreeSearch<0, false>{tree, distances, indices, k}.searchAll(runtime);
  }
  return done;
}

static int run(Runtime& runtime, const TreeNeighboursArguments& a) {
  const Tree tree{a.points, a.index, a.starts, a.ends, a.boxes, a.count, a.dims, a.leaves};
  return treeNeighbours(runtime, tree, {a.distances, a.indices, a.samples, a.k}, a.norm == Norm::max);
}

}  // namespace SIMD_VARIANT
