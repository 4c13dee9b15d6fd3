// One build of every kernel, for the instruction set of the compiler's flags, in the namespace SIMD_VARIANT. With SIMD_PRODUCTS_ONLY
// of those alone whose time multiply-adds are: what AMX brings anything to, and what relaxed WebAssembly is built of, where compilers
// would take the largest and the smallest of two numbers from instructions that treat NaN as the processor likes.
#include "conv2d.h"
#include "gemm.h"
#include "mapped-gemm.h"
#include "patch-heads.h"
#include "scale-shift.h"
#ifndef SIMD_PRODUCTS_ONLY
#include "batch-norm.h"
#include "bounded-neighbours.h"
#include "distances.h"
#include "edge-gradient.h"
#include "neighbours.h"
#include "peak.h"
#include "reduce.h"
#include "rows.h"
#include "segment-max.h"
#include "shifted-pairs.h"
#include "sort-sites.h"
#include "tree-neighbours.h"
#include "window-pairs.h"
#endif

namespace SIMD_VARIANT {

#ifdef SIMD_PRODUCTS_ONLY
template <class Arguments>
static int run(Runtime&, const Arguments&) {
  return unknownOperation;
}
#endif

// Runs one operation: its header ends with the `run` that takes its arguments.
int run(int code, const double* sizes, void* const* arrays, Runtime& runtime) {
  return dispatch(code, sizes, arrays, [&](const auto& arguments) { return run(runtime, arguments); });
}

}  // namespace SIMD_VARIANT
