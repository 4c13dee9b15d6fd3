// Sparse convolution of few channels: all weights of a tap stay in registers while its pairs pass by.
#pragma once
#include "mapped-rows.h"
#include "pack.h"

namespace SIMD_VARIANT {

// Most source channels whose weights fit, a vector each, beside a sum for each pair of a group. None where there are too few
// registers, or vectors too short for a layer that exists.
constexpr Index narrowChannels = lanes == 16 ? 16 : 0;
constexpr Index narrowGroup = 8;  // pairs side by side: enough chains to keep the multipliers busy

// Whether a product of rows [k] with weights [k, n] is narrow.
static bool isNarrow(Index k, Index n) { return k > 0 && k <= narrowChannels && n % lanes == 0; }

//  target[to][column + 0..lanes) += Σ over i < K of  source[from][i] · weights[i·tileColumns + 0..)    for pairs p..p+Count-1
//
// Each element is one chain of multiply-adds in order of i, added to its row after it and in order of the pairs, as in `tile`:
// the same bits.
template <Index K, Index Count>
static inline void narrowPairs(const Pairs& pairs, const MappedRows& rows, Index p, const Vector* weights, Index column) {
  const float* x[Count];
  Vector sum[Count] = {};
#pragma GCC unroll 8
  for (Index q = 0; q < Count; q++) x[q] = rows.source + pairs.from[p + q] * K;
#pragma GCC unroll 16
  for (Index i = 0; i < K; i++)
#pragma GCC unroll 8
    for (Index q = 0; q < Count; q++) sum[q] += broadcast(x[q][i]) * weights[i];
#pragma GCC unroll 8
  for (Index q = 0; q < Count; q++) {
    float* out = rows.target + pairs.to[p + q] * rows.n + column;
    store(out, load(out) + sum[q]);
  }
}

// Pairs first..end-1 of one tap, for a vector of columns.
template <Index K>
static void narrowColumns(const Pairs& pairs, const MappedRows& rows, Index first, Index end, const float* weights,
                          Index column) {
  constexpr Index ahead = 4 * narrowGroup;
  Vector w[K];
#pragma GCC unroll 16
  for (Index i = 0; i < K; i++) w[i] = load(weights + i * tileColumns);
  Index p = first;
  for (; p + narrowGroup <= end; p += narrowGroup) {
    if (p + ahead + narrowGroup <= end)
#pragma GCC unroll 8
      for (Index q = p + ahead; q < p + ahead + narrowGroup; q++) {
        __builtin_prefetch(rows.source + pairs.from[q] * K);
        __builtin_prefetch(rows.target + pairs.to[q] * rows.n + column, 1);
      }
    narrowPairs<K, narrowGroup>(pairs, rows, p, w, column);
  }
  for (; p < end; p++) narrowPairs<K, 1>(pairs, rows, p, w, column);
}

// Adds the products of pairs first..end-1 of one tap; `isNarrow` holds.
template <Index K = narrowChannels>
static inline void narrowProduct(const Pairs& pairs, const MappedRows& rows, Index first, Index end, Index tap,
                                 const Panels& b) {
  if constexpr (K > 0) {
    if (rows.k < K) return narrowProduct<K - 1>(pairs, rows, first, end, tap, b);
    for (Index column = 0; column < rows.n; column += lanes)
      narrowColumns<K>(pairs, rows, first, end, b.at(tap, 0, column / tileColumns) + column % tileColumns, column);
  }
}

}  // namespace SIMD_VARIANT
