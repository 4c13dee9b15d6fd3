// Batch normalisation with its ReLU over the rows of [rows, channels].
//
// Limits. Statistics are summed in float64; the gradients' sums in float32 over 32 rows at most, in float64 beyond. A constant
// channel has variance 0, no rows mean and variance 0.
#pragma once
#include "passes.h"
#include "prefetch.h"

namespace SIMD_VARIANT {

// d = x - x[first row], of which d and d² are summed in float64: a common offset does not cancel, a constant channel has
// variance exactly 0.
struct ShiftedSquares {
  const float* x;
  Index columns;
  Terms<1> operator()(Index row, Index c, Index count) const {
    const float* from = x + row * columns + c;
    requestTerms(from);
    return {loadUpTo(from, count) - loadUpTo(x + c, count)};
  }
};

// What normalises each channel. (x - mean)·scale + beta; x·scale + (beta - mean·scale) would cancel when |mean| is far above
// the deviation.
struct Normalisation {
  const float* mean;
  const float* scale;
  const float* beta;

  Vector centred(Vector x, Index c, Index count) const { return x - loadUpTo(mean + c, count); }
  Vector result(Vector centred, Index c, Index count) const {
    const Vector factor = loadUpTo(scale + c, count), addend = loadUpTo(beta + c, count);
    return centred * factor + addend;
  }
};

// scale = gamma / sqrt(variance + ε), rounded once: the same for both directions.
template <class Arguments>
static void fillScale(const Arguments& a, float* scale) {
  for (Index c = 0; c < a.channels; c++)
    scale[c] = static_cast<float>(a.gamma[c] / __builtin_sqrt(a.variance[c] + a.epsilon));
}

static int run(Runtime& runtime, const BatchNormReluForwardArguments& a) {
  const Index n = a.channels;
  const float* const x = a.x;
  double* sums = scratch<double>(runtime, 2 * n);
  float* scale = scratch<float>(runtime, n);
  if (!sums || !scale) return outOfMemory;
  if (a.rows == 0) {
    fillZero(a.mean, n);
    fillZero(a.variance, n);
    return done;
  }
  if (sumColumns<AddWithSquares>(runtime, a.rows, n, ShiftedSquares{x, n}, sums)) return outOfMemory;
  for (Index c = 0; c < n; c++) {
    const double offset = sums[c] / a.rows;
    const double v = sums[n + c] / a.rows - offset * offset;
    a.mean[c] = static_cast<float>(x[c] + offset);
    a.variance[c] = static_cast<float>(v < 0 ? 0 : v);
  }
  fillScale(a, scale);
  const Normalisation norm{a.mean, scale, a.beta};
  const bool relu = a.relu;
  writeMatrix(runtime, a.out, n, a.rows, n, [=](Index row, Index c, Index count) {
    const Vector y = norm.result(norm.centred(loadUpTo(x + row * n + c, count), c, count), c, count);
    return relu ? positive(y) : y;
  });
  return done;
}

// g and x - mean, where g is the gradient, 0 where the ReLU was off; that follows from x, which is one array less to read than
// the result.
struct MaskedGradient {
  const float* x;
  const float* gradient;
  Normalisation norm;
  Index columns;
  bool relu;

  // The gradient of `count` entries from i, which stand in column c.
  Vector masked(Index i, Vector centred, Index c, Index count) const {
    const Vector g = loadUpTo(gradient + i, count);
    return !relu ? g : norm.result(centred, c, count) > Vector{} ? g : Vector{};
  }
  Vector centred(Index i, Index c, Index count) const { return norm.centred(loadUpTo(x + i, count), c, count); }

  Terms<2> operator()(Index row, Index c, Index count) const {
    const Index i = row * columns + c;
    requestTerms(x + i);
    requestTerms(gradient + i);
    const Vector centred = this->centred(i, c, count), g = masked(i, centred, c, count);
    return {g, centred};
  }
};

// With s = 1/sqrt(variance + ε): input = gamma·s·(g - Σg/n - (x - mean)·s²·Σg(x-mean)/n)
static int run(Runtime& runtime, const BatchNormReluBackwardArguments& a) {
  const Index n = a.channels;
  double* sums = scratch<double>(runtime, 2 * n);
  float* factors = scratch<float>(runtime, 3 * n);
  if (!sums || !factors) return outOfMemory;
  float* scale = factors;
  float* average = factors + n;
  float* slope = factors + 2 * n;
  fillScale(a, scale);
  const MaskedGradient terms{a.x, a.outGradient, {a.mean, scale, a.beta}, n, a.relu};
  if (sumColumns<AddNarrowProducts>(runtime, a.rows, n, terms, sums)) return outOfMemory;
  for (Index c = 0; c < n; c++) {
    const double s = 1 / __builtin_sqrt(a.variance[c] + a.epsilon);
    a.betaGradient[c] = static_cast<float>(sums[c]);
    a.gammaGradient[c] = static_cast<float>(sums[n + c] * s);
    average[c] = static_cast<float>(sums[c] / a.rows);
    slope[c] = static_cast<float>(sums[n + c] * s * s / a.rows);
  }
  writeMatrix(runtime, a.inputGradient, n, a.rows, n, [=](Index row, Index c, Index count) {
    const Index i = row * n + c;
    const Vector centred = terms.centred(i, c, count);
    const Vector g = terms.masked(i, centred, c, count);
    const Vector constant = loadUpTo(average + c, count), linear = loadUpTo(slope + c, count);
    return loadUpTo(scale + c, count) * (g - constant - centred * linear);
  });
  return done;
}

}  // namespace SIMD_VARIANT
