// What a sparse convolution multiplies: pairs of rows for each tap of its filter.
#pragma once
#include "core.h"

namespace SIMD_VARIANT {

// Pairs starts[t] .. starts[t+1] of tap t add source row `from[p]` · weights[t] to target row `to[p]`.
struct Pairs {
  Index taps;
  const int* starts;
  const int* from;
  const int* to;
};

struct MappedRows {
  const float* source;  // [.., k]
  float* target;        // [.., n]
  Index k, n;
};

}  // namespace SIMD_VARIANT
