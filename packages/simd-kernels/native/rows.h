// Rows moved and summed by index.
//
// Limits. Moves are exact; sums of rows are float32 in their order, n rows within n·2⁻²⁴·Σ|x|. Indices are int32.
#pragma once
#include "passes.h"

namespace SIMD_VARIANT {

static int run(Runtime& runtime, const GatherRowsArguments& a) {
  const Index columns = a.columns;
  const float* const x = a.x;
  const int* const indices = a.indices;
  float* const out = a.out;
  forRows(runtime, a.count, columns, [=](Index i) {
    float* to = out + i * columns;
    if (indices[i] < 0) return fillZero(to, columns);
    const float* from = x + indices[i] * columns;
    forVectors(columns, [&](Index c, Index n) { storeUpTo(to + c, loadUpTo(from + c, n), n); });
  });
  return done;
}

static int run(Runtime& runtime, const CopyColumnsArguments& a) {
  const float* const from = a.x + a.xFirst;
  const Index stride = a.xColumns;
  writeMatrix(runtime, a.out + a.outFirst, a.outColumns, a.rows, a.columns,
              [=](Index row, Index c, Index n) { return loadUpTo(from + row * stride + c, n); });
  return done;
}

// Threads share the *segments*: each walks all rows for those of its range, so a segment is summed in row order.
static int run(Runtime& runtime, const SegmentSumArguments& a) {
  const Index rows = a.rows, columns = a.columns, segments = a.segments;
  const float* const x = a.x;
  const int* const ids = a.segmentIds;
  float* const out = a.out;
  const Index ranges = runtime.threads, share = divideUp(segments, ranges);
  parallel(runtime, ranges, 8.0 * (rows + segments) * columns, [&](Index range) {
    const Index low = least(range * share, segments), high = least(low + share, segments);
    fillZero(out + low * columns, (high - low) * columns);
    for (Index i = 0; i < rows; i++) {
      if (ids[i] < low || ids[i] >= high) continue;
      float* to = out + ids[i] * columns;
      const float* from = x + i * columns;
      forVectors(columns, [&](Index c, Index n) { storeUpTo(to + c, loadUpTo(to + c, n) + loadUpTo(from + c, n), n); });
    }
  });
  return done;
}

// Position of the first index outside low..high-1, or -1.
static double findOutside(const int* indices, Index length, double low, double high) {
  constexpr Index block = 4096;
  const long long from = static_cast<long long>(low), to = static_cast<long long>(high);
  if (from >= to) return length ? 0 : -1;
  const unsigned base = static_cast<unsigned>(from), span = static_cast<unsigned>(to - from - 1);
  for (Index i = 0; i < length; i += block) {
    const Index end = least(length, i + block);
    unsigned outside = 0;
    for (Index j = i; j < end; j++) outside |= static_cast<unsigned>(indices[j]) - base > span;
    if (!outside) continue;
    for (Index j = i; j < end; j++)
      if (static_cast<unsigned>(indices[j]) - base > span) return j;
  }
  return -1;
}

static int run(Runtime&, const FindOutsideArguments& a) {
  *a.position = findOutside(a.indices, a.length, a.low, a.high);
  return done;
}

}  // namespace SIMD_VARIANT
