// Which samples may be the k-th nearest, from squared distances that are known up to a bound.
#pragma once
#include "columns.h"

namespace SIMD_VARIANT {

typedef long long Counts __attribute__((vector_size(SIMD_LANES * 4)));  // comparing doubles gives -1 or 0 per entry

constexpr double infinity = __builtin_inf();

static inline Doubles loadDoubles(const double* p) { return *reinterpret_cast<const UnalignedDoubles*>(p); }
static inline Doubles everywhere(double x) { return x - Doubles{}; }
static inline Doubles smaller(Doubles a, Doubles b) { return b < a ? b : a; }

static inline long long total(Counts counts) {
  long long sum = 0;
  for (Index i = 0; i < half; i++) sum += counts[i];
  return sum;
}
static inline double smallest(Doubles v) {
  double least = v[0];
  for (Index i = 1; i < half; i++) least = v[i] < least ? v[i] : least;
  return least;
}

// What is known of the squared distances from one sample to the others: squared[j] is within
// relative·(norm + norms[j]) + absolute of the true one. The sample's own entry and those that fill up the row are infinite.
struct DistanceEstimates {
  const double* squared;  // [stride], a multiple of 2·half
  const double* norms;    // [stride] squared norms of the samples
  Index stride;
  double norm, relative, absolute;

  Doubles bound(Index j) const { return relative * (norm + loadDoubles(norms + j)) + absolute; }

  // Calls step(estimates, j) for j = 0, half, 2·half…, always two at a time.
  template <class Step>
  void forEach(const Step& step) const {
    for (Index j = 0; j < stride; j += 2 * half) {
      step(loadDoubles(squared + j), j);
      step(loadDoubles(squared + j + half), j + half);
    }
  }

  Index countUpTo(double limit) const {
    Counts count = {};
    const Doubles limits = everywhere(limit);
    forEach([&](Doubles v, Index) { count -= v <= limits; });
    return total(count);
  }
};

struct Interval {
  double low, high;
};

// Bounds of the k-th smallest squared distance. Bisection finds estimates `below` < `upTo` with fewer than k at or below
// the one and at least k at or below the other. So k distances are at most the largest upper bound of those up to `upTo`,
// and all but fewer than k are at least the smallest lower bound of those above `below`. It costs the same for every k and,
// unlike a sorted list, no branch that depends on the distances.
static Interval intervalOfKth(const DistanceEstimates& estimates, Index k) {
  const Doubles none = everywhere(infinity);
  Doubles least = none, negatedMost = none;
  estimates.forEach([&](Doubles v, Index) {
    least = smaller(least, v);
    negatedMost = smaller(negatedMost, v < none ? -v : none);
  });
  double below = -infinity, from = smallest(least), upTo = -smallest(negatedMost);
  Index between = estimates.stride;  // estimates in (below, upTo], or more
  Index countBelow = 0;
  const double fineEnough = estimates.relative * estimates.norm + estimates.absolute;
  while (between > 1 && upTo - from > fineEnough) {
    const double middle = from + (upTo - from) / 2;
    const Index count = estimates.countUpTo(middle);
    if (count >= k) {
      upTo = middle;
      between = count - countBelow;
    } else {
      between -= count - countBelow;
      countBelow = count;
      below = from = middle;
    }
  }
  Doubles low = none, negatedHigh = none;
  const Doubles lower = everywhere(below), upper = everywhere(upTo);
  estimates.forEach([&](Doubles v, Index j) {
    const Doubles bound = estimates.bound(j);
    low = smaller(low, v > lower ? v - bound : none);
    negatedHigh = smaller(negatedHigh, v <= upper ? -(v + bound) : none);
  });
  return {smallest(low), -smallest(negatedHigh)};
}

// Writes the samples that may be the k-th neighbour, in order, and returns how many they are; `nearer` counts those that
// are surely nearer than it.
static Index candidatesOfKth(const DistanceEstimates& estimates, Index k, int* candidates, int& nearer) {
  const Interval interval = intervalOfKth(estimates, k);
  const Doubles low = everywhere(interval.low), high = everywhere(interval.high);
  Index count = 0;
  Counts surelyNearer = {};
  estimates.forEach([&](Doubles v, Index j) {
    const Doubles bound = estimates.bound(j);
    const Counts sure = v + bound < low, open = (v - bound <= high) & ~sure;
    surelyNearer -= sure;
    if (total(open) == 0) return;
    for (Index i = 0; i < half; i++)
      if (open[i]) candidates[count++] = static_cast<int>(j + i);
  });
  nearer = static_cast<int>(total(surelyNearer));
  return count;
}

}  // namespace SIMD_VARIANT
