// The micro-kernel for sums over pairs of rows that lie anywhere: a register-blocked tile of Σ leftᵀ · right.
#pragma once
#include "vector.h"

namespace SIMD_VARIANT {

// Pairs of rows, of which `channel` and the next ones of the left meet `column` and the next ones of the right.
struct RowPairs {
  const float* const* left;
  const float* const* right;
  Index count;
};

// Sums of a tile on their way: [rows, stride], those of the tile from `data` on.
struct TileSums {
  float* data;
  Index stride;
};

//  sums[r][0..Vectors·lanes) = sums or 0 + Σ over p < count of  left[p][channel + r] · right[p][column + 0..)
//
// Each element is one chain of multiply-adds in order of p, as in `tile`, so packed and unpacked rows give the same bits, and
// so do sums that are put down and taken up again (`resume`).
template <Index Rows, Index Vectors>
static void outerTile(const RowPairs& pairs, Index channel, Index column, const TileSums& sums, bool resume) {
  Vector sum[Rows][Vectors] = {};
  if (resume)
#pragma GCC unroll 16
    for (Index r = 0; r < Rows; r++)
#pragma GCC unroll 4
      for (Index v = 0; v < Vectors; v++) sum[r][v] = load(sums.data + r * sums.stride + v * lanes);
  for (Index p = 0; p < pairs.count; p++) {
    const float* a = pairs.left[p] + channel;
    const float* b = pairs.right[p] + column;
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
    for (Index v = 0; v < Vectors; v++) store(sums.data + r * sums.stride + v * lanes, sum[r][v]);
}

// One vector of columns leaves registers for more rows, which it needs to keep the multipliers busy.
constexpr Index narrowTileRows = most(tileRows, lanes);

// `outerTile` for 1 ≤ rows ≤ Rows.
template <Index Vectors, Index Rows>
static inline void outerTileOf(Index rows, const RowPairs& pairs, Index channel, Index column, const TileSums& sums,
                               bool resume) {
  if (rows == Rows) return outerTile<Rows, Vectors>(pairs, channel, column, sums, resume);
  if constexpr (Rows > 1) outerTileOf<Vectors, Rows - 1>(rows, pairs, channel, column, sums, resume);
}

}  // namespace SIMD_VARIANT
