// Squared euclidean distance of every pair of rows, through the Gram matrix.
//
// Limits. Sums are float32 of centred rows (means float64); where less than 1/64 of |a|² + |b|² is left, the differences are summed
// themselves. Equal rows have distance 0, and nothing is negative.
#pragma once
#include "product.h"

namespace SIMD_VARIANT {

// Below this share of |a|² + |b|² the Gram form has lost too many digits and the difference is summed itself.
constexpr float cancelled = 1.0f / 64;

static float sumLanes(Vector v) {
  float sum = 0;
  for (Index i = 0; i < lanes; i++) sum += v[i];
  return sum;
}

static float squaredDistance(const float* a, const float* b, Index n) {
  Vector sum[4] = {};
  Index i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes)
    for (Index u = 0; u < 4; u++) {
      const Vector d = load(a + i + u * lanes) - load(b + i + u * lanes);
      sum[u] += d * d;
    }
  forVectors(n - i, [&](Index j, Index count) {
    const Vector d = loadUpTo(a + i + j, count) - loadUpTo(b + i + j, count);
    sum[0] += d * d;
  });
  return sumLanes((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

// centred = x - mean row (sums in float64)
static void centreRows(Runtime& runtime, const float* x, float* centred, Index rows, Index dims) {
  constexpr Index block = 256;
  parallel(runtime, divideUp(dims, block), 2.0 * rows * dims, [&](Index task) {
    const Index first = task * block, count = least(block, dims - first);
    double sum[block] = {};
    for (Index i = 0; i < rows; i++)
      for (Index d = 0; d < count; d++) sum[d] += x[i * dims + first + d];
    float mean[block];
    for (Index d = 0; d < count; d++) mean[d] = static_cast<float>(sum[d] / rows);
    for (Index i = 0; i < rows; i++)
      for (Index d = 0; d < count; d++) centred[i * dims + first + d] = x[i * dims + first + d] - mean[d];
  });
}

// out[i,j] = |x_i|² + |x_j|² - 2 x_i·x_j. Equal rows have equal products, so their distance is exactly 0.
static int run(Runtime& runtime, const RowPairDistancesArguments& a) {
  const Index rows = a.rows, dims = a.dims;
  float* const out = a.out;
  float* centred = scratch<float>(runtime, rows, dims);
  float* norms = scratch<float>(runtime, rows);
  if (!centred || !norms) return outOfMemory;
  centreRows(runtime, a.x, centred, rows, dims);
  const Panels panels = pack<Float32>(runtime, transposed(centred, 1, dims, rows), chunkRows);
  if (!panels.data) return outOfMemory;
  product<Float32>(runtime, IdentityMap{centred, dims, out, rows}, {.rows = rows, .taps = 1, .upperTriangle = true}, panels);
  for (Index i = 0; i < rows; i++) norms[i] = out[i * rows + i];
  parallel(runtime, rows, 8.0 * rows * rows, [&](Index i) {
    out[i * rows + i] = 0;
    for (Index j = i + 1; j < rows; j++) {
      const float size = norms[i] + norms[j];
      float d = size - 2 * out[i * rows + j];
      if (d < size * cancelled) d = squaredDistance(centred + i * dims, centred + j * dims, dims);
      out[i * rows + j] = d;
    }
  });
  parallel(runtime, rows, 4.0 * rows * rows, [&](Index i) {
    for (Index j = 0; j < i; j++) out[i * rows + j] = out[j * rows + i];
  });
  return done;
}

}  // namespace SIMD_VARIANT
