// The micro-kernel for sums over pairs of rows that lie anywhere: a register-blocked tile of Σ leftᵀ · right.
#pragma once
#include "vector.h"

namespace SIMD_VARIANT {

// Pairs of rows, of which `channel` and the next ones of the left meet `column` and the next ones of the right.
struct RowPairs {
  const float* const* left;
  const float* const* right;
  Index count, channel, column;
};

// Where the sums go: rows `stride` apart.
struct OuterTarget {
  float* out;
  Index stride;
  bool accumulate;  // add to them
};

//  out[r][0..Vectors·lanes) (+)= Σ over p < count of  left[p][channel + r] · right[p][column + 0..)
//
// Each element is one chain of multiply-adds in order of p, as in `tile`, so packed and unpacked rows give the same bits.
template <Index Rows, Index Vectors>
static void outerTile(const RowPairs& pairs, const OuterTarget& target) {
  const auto [leftRows, rightRows, count, channel, column] = pairs;
  const auto [out, stride, accumulate] = target;
  Vector sum[Rows][Vectors] = {};
  for (Index p = 0; p < count; p++) {
    const float* a = leftRows[p] + channel;
    const float* b = rightRows[p] + column;
    Vector w[Vectors];
#pragma GCC unroll 4
    for (Index v = 0; v < Vectors; v++) w[v] = load(b + v * lanes);
#pragma GCC unroll 16
    for (Index r = 0; r < Rows; r++) {
      const Vector x = broadcast(a[r]);
#pragma GCC unroll 4
      for (Index v = 0; v < Vectors; v++) sum[r][v] += x * w[v];
    }
  }
#pragma GCC unroll 16
  for (Index r = 0; r < Rows; r++)
#pragma GCC unroll 4
    for (Index v = 0; v < Vectors; v++) {
      float* to = out + r * stride + v * lanes;
      store(to, accumulate ? load(to) + sum[r][v] : sum[r][v]);
    }
}

// One vector of columns leaves registers for more rows, which it needs to keep the multipliers busy.
constexpr Index narrowTileRows = most(tileRows, lanes);

// `outerTile` for 1 ≤ rows ≤ Rows.
template <Index Vectors, Index Rows>
static inline void outerTileOf(Index rows, const RowPairs& pairs, const OuterTarget& target) {
  if (rows == Rows) return outerTile<Rows, Vectors>(pairs, target);
  if constexpr (Rows > 1) outerTileOf<Vectors, Rows - 1>(rows, pairs, target);
}

}  // namespace SIMD_VARIANT
