// Which of some ascending numbers lie a given gap apart. Numbers of cells of a grid: a gap is one step in one direction.
#pragma once
#include "core.h"

namespace SIMD_VARIANT {

struct GapPairs {
  int* lower;
  int* upper;
  int* starts;
};

// bounds[i] = the first row whose key is at least keys[i] - gap. One step per row and side, without a branch that depends
// on the keys: which of two is less is a coin toss to a processor, and a wrong guess costs more than the step.
static void boundKeys(const long long* keys, long long gap, int* bounds, Index rows) {
  for (Index i = 0, j = 0; i < rows;) {
    const Index isLess = keys[j] + gap < keys[i];
    bounds[i] = static_cast<int>(j);
    j += isLess;
    i += 1 - isLess;
  }
}

// Pairs starts[g]..starts[g+1] have keys[upper] - keys[lower] = gaps[g] > 0, in ascending order. The arrays have room for
// `rows` pairs per gap, of which there are fewer: a row without a partner is written too, and overwritten by the next.
static int gapPairs(Runtime& runtime, const double* numbers, const double* gaps, const GapPairs& pairs, Index rows,
                    Index count) {
  long long* keys = scratch<long long>(runtime, rows);
  int* bounds = scratch<int>(runtime, rows);
  if (!keys || !bounds) return outOfMemory;
  for (Index i = 0; i < rows; i++) keys[i] = static_cast<long long>(numbers[i]);
  int* const lower = pairs.lower;
  int* const upper = pairs.upper;
  Index next = 0;
  pairs.starts[0] = 0;
  for (Index g = 0; g < count; g++) {
    const long long gap = static_cast<long long>(gaps[g]);
    // The bounds that the gap before left behind hold for one that is less by 1, as neighbouring cells' are.
    if (g == 0 || gaps[g] != gaps[g - 1] - 1) boundKeys(keys, gap, bounds, rows);
    for (Index i = 0; i < rows; i++) {
      const Index j = bounds[i];
      const Index isEqual = keys[j] + gap == keys[i];
      lower[next] = static_cast<int>(j);
      upper[next] = static_cast<int>(i);
      next += isEqual;
      bounds[i] = static_cast<int>(j + isEqual);
    }
    pairs.starts[g + 1] = static_cast<int>(next);
  }
  return done;
}

}  // namespace SIMD_VARIANT
