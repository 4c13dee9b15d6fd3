// What the micro-kernel takes: where a tile of C, the rows of A and the packed panels of B lie.
#pragma once
#include "core.h"

namespace SIMD_VARIANT {

// What a tile sums: rows of A behind a pointer each, and packed panels [k, tileColumns] of B, one for each tap; both of words
// (numbers.h).
struct TileOperands {
  const float* const* a;  // [taps][tileRows]
  const float* const* b;  // [taps]
  Index taps, k;
  Index step = 1;  // distance of neighbouring words of a row of A
};

// Where the sums go: rows of C behind a pointer each.
struct TileTarget {
  float* const* c;
  bool accumulate;  // add to C; row after row, so the same row may stand in a tile twice
};

}  // namespace SIMD_VARIANT
