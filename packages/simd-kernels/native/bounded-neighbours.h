// Nearest samples by lower bounds of the squared distances: what a bound leaves in question is measured.
//
// Limits. Measured in float64 in the order of the coordinates, the same bits on every layer; a limit is rounded up to float32,
// so that no rounding can exclude a sample.
#pragma once
#include "nearest-list.h"
#include "vector.h"

namespace SIMD_VARIANT {

// A block of the matrix of bounds: rows row .. row + height - 1 of the samples against column .. column + width - 1; what lies
// past the last sample counts for nothing.
struct BoundBlock {
  const float* bounds;  // [height, width]
  Index row, column, height, width;
};

struct MeasuredSamples {
  const double* values;  // [samples, dims]
  Index samples, dims, k;
};

// The largest bound that a sample within a squared distance can have: distance / unit + slack, at most `most`.
struct BoundLimit {
  double unit, slack, most;
  // rounded up to float32
  float of(double squared) const {
    const double limit = squared / unit + slack;
    return static_cast<float>(limit < most ? limit : most) * (1 + 1.0f / 4194304);
  }
};

static void searchBounds(const float* bounds, Index count, Index row, Index column, const MeasuredSamples& samples,
                         const BoundLimit& limits, const NearestList& list) {
  constexpr Index group = 4 * lanes;
  const double* own = samples.values + row * samples.dims;
  float limit = limits.of(list.last());
  for (Index j = 0; j < count; j += group) {
    const Index size = least(group, count - j);
    if (size == group) {
      Mask near = {};
      for (Index v = 0; v < group; v += lanes) near |= load(bounds + j + v) <= broadcast(limit);
      if (!anyOf(near)) continue;
    }
    for (Index at = j; at < j + size; at++) {
      const Index other = column + at;
      if (!(bounds[at] <= limit) || other == row) continue;
      const double* to = samples.values + other * samples.dims;
      double distance = 0;
      for (Index d = 0; d < samples.dims; d++) distance = joined<false>(distance, own[d] - to[d]);
      list.add(distance, static_cast<int>(other));
      limit = limits.of(list.last());
    }
  }
}

// Adds to the lists [samples, k] of the block's rows what its bounds leave in question.
static int boundedNeighbours(Runtime& runtime, const BoundBlock& block, const MeasuredSamples& samples,
                             const BoundLimit& limits, double* distances, int* indices) {
  const Index rows = least(block.height, samples.samples - block.row);
  const Index columns = least(block.width, samples.samples - block.column), k = samples.k;
  constexpr Index share = 8;
  parallel(runtime, divideUp(most(0, rows), share), 8.0 * rows * columns, [&](Index task) {
    for (Index i = task * share; i < least(rows, (task + 1) * share); i++) {
      const Index row = block.row + i;
      searchBounds(block.bounds + i * block.width, columns, row, block.column, samples, limits,
                   {distances + row * k, indices + row * k, k});
    }
  });
  return done;
}

static int run(Runtime& runtime, const BoundedNeighboursArguments& a) {
  return boundedNeighbours(runtime, {a.bounds, a.row, a.column, a.height, a.width},
                           {a.values, a.samples, a.dims, a.k}, {a.unit, a.slack, a.most}, a.distances, a.indices);
}

}  // namespace SIMD_VARIANT
