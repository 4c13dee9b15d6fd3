// Scale and shift of each channel with an optional ReLU over the rows of [rows, channels].
#pragma once
#include "passes.h"

namespace SIMD_VARIANT {

static int run(Runtime& runtime, const ScaleShiftReluArguments& a) {
  const Index n = a.channels;
  const float *const x = a.x, *const scale = a.scale, *const shift = a.shift;
  const bool relu = a.relu;
  writeMatrix(runtime, a.out, n, a.rows, n, [=](Index row, Index c, Index count) {
    const Vector v = loadUpTo(x + row * n + c, count), factor = loadUpTo(scale + c, count);
    const Vector addend = loadUpTo(shift + c, count), y = v * factor + addend;
    return relu ? positive(y) : y;
  });
  return done;
}

}  // namespace SIMD_VARIANT
