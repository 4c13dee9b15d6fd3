// The nearest samples of one sample found so far, and distances that have the same bits on every instruction set.
#pragma once
#include "core.h"

namespace SIMD_VARIANT {

// The product rounded by itself: without the barrier a compiler may fuse it with the addition after it.
static inline double rounded(double product) {
#if defined(__x86_64__)
  asm("" : "+x"(product));
#elif defined(__aarch64__)
  asm("" : "+w"(product));
#endif
  return product;
}

// Distance (squared unless `Largest`) with one coordinate's difference more.
template <bool Largest>
static inline double joined(double distance, double difference) {
  if constexpr (Largest) {
    const double size = __builtin_fabs(difference);
    return distance > size ? distance : size;
  }
  return distance + rounded(difference * difference);
}

// Ascending by (distance, index), full from the beginning with infinite distances and indices -1.
struct NearestList {
  double* distances;  // [k]
  int* indices;       // [k]
  Index k;

  double last() const { return distances[k - 1]; }

  void clear() const {
    for (Index i = 0; i < k; i++) {
      distances[i] = __builtin_inf();
      indices[i] = -1;
    }
  }

  // Candidates may come in any order; infinity and NaN never belong.
  void add(double distance, int index) const {
    Index at = k - 1;
    if (!(distance < distances[at] || (distance == distances[at] && index < indices[at]))) return;
    for (; at > 0; at--) {
      const double before = distances[at - 1];
      if (before < distance || (before == distance && indices[at - 1] < index)) break;
      distances[at] = before;
      indices[at] = indices[at - 1];
    }
    distances[at] = distance;
    indices[at] = index;
  }
};

}  // namespace SIMD_VARIANT
