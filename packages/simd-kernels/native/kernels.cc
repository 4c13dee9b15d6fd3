// One build of every kernel, for the instruction set of the compiler's flags, in the namespace SIMD_VARIANT.
#include "batch-norm.h"
#include "bounded-neighbours.h"
#include "conv2d.h"
#include "distances.h"
#include "edge-gradient.h"
#include "gemm.h"
#include "mapped-gemm.h"
#include "neighbours.h"
#include "peak.h"
#include "reduce.h"
#include "rows.h"
#include "shifted-pairs.h"
#include "sort-sites.h"
#include "tree-neighbours.h"
#include "window-pairs.h"

namespace SIMD_VARIANT {

// Runs one operation: its header ends with the `run` that takes its arguments.
int run(int code, const double* sizes, void* const* arrays, Runtime& runtime) {
  return dispatch(code, sizes, arrays, [&](const auto& arguments) { return run(runtime, arguments); });
}

}  // namespace SIMD_VARIANT
