// The largest row entry of each column in each run of rows, and the row that it came from.
//
// Limits. Exact. A number wins where it is larger than those before it, a NaN always. Rows are below 2³¹.
#pragma once
#include "columns.h"

namespace SIMD_VARIANT {

static int run(Runtime& runtime, const SegmentMaxArguments& a) {
  const Index columns = a.columns, none = a.rows;
  const float* const x = a.x;
  const int* const starts = a.starts;
  float* const values = a.values;
  int* const winners = a.winners;
  forRows(runtime, a.segments, divideUp(a.rows * columns, a.segments), [=](Index segment) {
    const Index first = starts[segment], end = starts[segment + 1];
    forVectors(columns, [&](Index c, Index n) {
      Vector best = first < end ? loadUpTo(x + first * columns + c, n) : broadcast(-__builtin_inff());
      Mask winner = static_cast<int>(first < end ? first : none) - Mask{};
      for (Index row = first + 1; row < end; row++) {
        const Vector next = loadUpTo(x + row * columns + c, n);
        const Mask wins = (next > best) | (next != next);
        best = wins ? next : best;
        winner = wins ? static_cast<int>(row) - Mask{} : winner;
      }
      const Index to = segment * columns + c;
      storeUpTo(values + to, best, n);
      storeUpTo(reinterpret_cast<float*>(winners + to), reinterpret_cast<Vector>(winner), n);
    });
  });
  return done;
}

}  // namespace SIMD_VARIANT
