// Matrix product.
//
// Limits. Sums are float32, each result within (k + 4)·2⁻²⁴·Σ|a||b| of the exact one, infinity and NaN as they come. Sizes below
// 2³¹; besides its arrays it takes the room of b.
#pragma once
#include "product.h"
#include "weight-gradient.h"

namespace SIMD_VARIANT {

// out[m,n] (+)= op(a) · op(b). Aᵀ·B runs down the rows of both: a weight gradient over dense pairs.
template <class Number>
static int gemm(Runtime& runtime, const GemmArguments& g) {
  if (g.transposeA && !g.transposeB) {
    const DensePairs pairs{g.a, g.b, g.k, g.m, g.n};
    weightGradient<Number>(runtime, pairs, 1, g.m, g.n, g.out, g.accumulate);
    return done;
  }
  const Panels panels = pack<Number>(runtime, (g.transposeB ? transposed : upright)(g.b, 1, g.k, g.n), chunkRows);
  const float* a = g.transposeA ? wordsDownColumns(Number{}, runtime, g.a, g.k, g.m)
                                : wordsAlongRows(Number{}, runtime, g.a, g.m, g.k);
  if (!panels.data || !a) return outOfMemory;
  const IdentityMap map{a, g.transposeA ? 1 : panels.k, g.out, g.n};
  const Index step = g.transposeA ? g.m : 1;
  product<Number>(runtime, map, {.rows = g.m, .taps = 1, .step = step, .accumulate = g.accumulate}, panels);
  return done;
}

static int run(Runtime& runtime, const GemmArguments& g) {
  return withNumbers(g.precision, [&](auto numbers) { return gemm<decltype(numbers)>(runtime, g); });
}

}  // namespace SIMD_VARIANT
