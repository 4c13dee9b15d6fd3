// Matrix product.
#pragma once
#include "product.h"
#include "weight-gradient.h"

namespace SIMD_VARIANT {

// out[m,n] (+)= op(a) · op(b). Aᵀ·B runs down the rows of both: a weight gradient over dense pairs.
static int run(Runtime& runtime, const GemmArguments& g) {
  if (g.transposeA && !g.transposeB) {
    const DensePairs pairs{g.a, g.b, g.k, g.m, g.n};
    weightGradient(runtime, pairs, 1, g.m, g.n, g.out, g.accumulate);
    return done;
  }
  const Operand operand{g.b, 1, g.k, g.n, 0, g.transposeB ? 1 : g.n, g.transposeB ? g.k : 1};
  const Panels panels = pack(runtime, operand, chunkRows);
  if (!panels.data) return outOfMemory;
  const IdentityMap map{g.a, g.transposeA ? 1 : g.k, g.out, g.n};
  product(runtime, map, {g.m, 1, g.transposeA ? g.m : 1, g.accumulate, false}, panels);
  return done;
}

}  // namespace SIMD_VARIANT
