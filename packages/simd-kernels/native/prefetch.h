// Requests for memory that is read a little later. Most are for rows that lie anywhere, which no processor foresees, while others
// are multiplied: of the mapped product, weight gradients, filter gradients and tiles. Together those bring 5.4 % of second-mini's
// step with AVX-512, 4 % with AVX2 (two EPYC cores, 2026-11-28); requests of batch normalisation's sums and of the edge gradient
// another 1.5 % of second-kitti's step with AVX-512 (2026-11-29).
#pragma once
#include "vector.h"

namespace SIMD_VARIANT {

constexpr Index mostRequested = 128;  // floats of a row: along more of it the processor goes on by itself

// Asks for the beginning of a row. The last entry may lie in a line of its own. Always in line: a
// call whose result nobody uses is one that compilers leave out, g++ 12 for one.
__attribute__((always_inline)) static inline void requestRow(const float* row, Index n) {
  n = least(n, mostRequested);
  for (Index i = 0; i < n; i += line) __builtin_prefetch(row + i);
  if (n > 0) __builtin_prefetch(row + n - 1);
}

// The same into the second-level cache: for rows that are needed after more work than fits the first.
__attribute__((always_inline)) static inline void requestRowAhead(const float* row, Index n) {
  for (Index i = 0; i < least(n, mostRequested); i += line) __builtin_prefetch(row + i, 0, 2);
}

// Asks for what a sum down the columns reads two thousand entries later.
constexpr Index sumsAhead = 2048;
__attribute__((always_inline)) static inline void requestTerms(const float* entry) { __builtin_prefetch(entry + sumsAhead); }

// Asks for all of a row of a tile that is to be added to.
__attribute__((always_inline)) static inline void requestTarget(float* row, Index n) {
  for (Index i = 0; i < n; i += line) __builtin_prefetch(row + i, 1);
}

// Rows that are asked for beside the tiles of other work, an equal share with each: as many at once would be more than the
// processor waits for at a time.
struct RowRequests {
  Index rows, share, next = 0;

  RowRequests(Index rows, Index tiles) : rows(rows), share(divideUp(rows, most(1, tiles))) {}
  // Calls request(row) for the share of one tile.
  template <class Request>
  __attribute__((always_inline)) void beside(const Request& request) {
    for (const Index end = least(rows, next + share); next < end; next++) request(next);
  }
};

}  // namespace SIMD_VARIANT
