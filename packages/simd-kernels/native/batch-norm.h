// Batch normalisation with its ReLU over the rows of [rows, channels], and scale and shift alone.
#pragma once
#include "passes.h"

namespace SIMD_VARIANT {

struct BatchNormSize {
  Index rows, channels;
  double epsilon;
  bool relu;
};

// d = x - x[first row], of which d and d² are summed in float64: a common offset does not cancel, a constant channel has
// variance exactly 0.
struct ShiftedSquares {
  const float* x;
  Index columns;
  Terms<1> operator()(Index row, Index c, Index count) const {
    const float* from = x + row * columns + c;
    __builtin_prefetch(from + sumsAhead);
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
    return centred * loadUpTo(scale + c, count) + loadUpTo(beta + c, count);
  }
};

// scale = gamma / sqrt(variance + ε), rounded once: the same for both directions.
static void fillScale(const float* gamma, const float* variance, const BatchNormSize& size, float* scale) {
  for (Index c = 0; c < size.channels; c++)
    scale[c] = static_cast<float>(gamma[c] / __builtin_sqrt(variance[c] + size.epsilon));
}

static int batchNormReluForward(Runtime& runtime, const float* x, const float* gamma, const float* beta, float* out,
                                float* mean, float* variance, const BatchNormSize& size) {
  const Index n = size.channels;
  double* sums = scratch<double>(runtime, 2 * n);
  float* scale = scratch<float>(runtime, n);
  if (!sums || !scale) return outOfMemory;
  if (size.rows == 0) {
    fillZero(mean, n);
    fillZero(variance, n);
    return done;
  }
  if (sumColumns<AddWithSquares>(runtime, size.rows, n, ShiftedSquares{x, n}, sums)) return outOfMemory;
  for (Index c = 0; c < n; c++) {
    const double offset = sums[c] / size.rows;
    const double v = sums[n + c] / size.rows - offset * offset;
    mean[c] = static_cast<float>(x[c] + offset);
    variance[c] = static_cast<float>(v < 0 ? 0 : v);
  }
  fillScale(gamma, variance, size, scale);
  const Normalisation norm{mean, scale, beta};
  const bool relu = size.relu;
  writeMatrix(runtime, out, n, size.rows, n, [=](Index row, Index c, Index count) {
    const Vector y = norm.result(norm.centred(loadUpTo(x + row * n + c, count), c, count), c, count);
    return relu ? positive(y) : y;
  });
  return done;
}

// g and g·(x - mean), where g is the gradient, 0 where the ReLU was off; that follows from x, which is one array less to
// read than the result.
struct MaskedProducts {
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
    __builtin_prefetch(x + i + sumsAhead);
    __builtin_prefetch(gradient + i + sumsAhead);
    const Vector centred = this->centred(i, c, count), g = masked(i, centred, c, count);
    return {g, g * centred};
  }
};

struct BatchNormInputs {
  const float* x;
  const float* gradient;
  const float* gamma;
  const float* beta;
  const float* mean;
  const float* variance;
};

struct BatchNormGradients {
  float* input;
  float* gamma;
  float* beta;
};

// With s = 1/sqrt(variance + ε): input = gamma·s·(g - Σg/n - (x - mean)·s²·Σg(x-mean)/n)
static int batchNormReluBackward(Runtime& runtime, const BatchNormInputs& from, const BatchNormGradients& to,
                                 const BatchNormSize& size) {
  const Index n = size.channels;
  double* sums = scratch<double>(runtime, 2 * n);
  float* factors = scratch<float>(runtime, 3 * n);
  if (!sums || !factors) return outOfMemory;
  float* scale = factors;
  float* average = factors + n;
  float* slope = factors + 2 * n;
  fillScale(from.gamma, from.variance, size, scale);
  const MaskedProducts terms{from.x, from.gradient, {from.mean, scale, from.beta}, n, size.relu};
  if (sumColumns<AddNarrow<2>>(runtime, size.rows, n, terms, sums)) return outOfMemory;
  for (Index c = 0; c < n; c++) {
    const double s = 1 / __builtin_sqrt(from.variance[c] + size.epsilon);
    to.beta[c] = static_cast<float>(sums[c]);
    to.gamma[c] = static_cast<float>(sums[n + c] * s);
    average[c] = static_cast<float>(sums[c] / size.rows);
    slope[c] = static_cast<float>(sums[n + c] * s * s / size.rows);
  }
  writeMatrix(runtime, to.input, n, size.rows, n, [=](Index row, Index c, Index count) {
    const Index i = row * n + c;
    const Vector centred = terms.centred(i, c, count);
    const Vector g = terms.masked(i, centred, c, count);
    const Vector rest = g - loadUpTo(average + c, count) - centred * loadUpTo(slope + c, count);
    return loadUpTo(scale + c, count) * rest;
  });
  return done;
}

static int run(Runtime& runtime, const BatchNormReluForwardArguments& a) {
  return batchNormReluForward(runtime, a.x, a.gamma, a.beta, a.out, a.mean, a.variance,
                              {a.rows, a.channels, a.epsilon, a.relu});
}

static int run(Runtime& runtime, const BatchNormReluBackwardArguments& a) {
  return batchNormReluBackward(runtime, {a.x, a.outGradient, a.gamma, a.beta, a.mean, a.variance},
                               {a.inputGradient, a.gammaGradient, a.betaGradient},
                               {a.rows, a.channels, a.epsilon, a.relu});
}

static int run(Runtime& runtime, const ScaleShiftReluArguments& a) {
  const Index n = a.channels;
  writeMatrix(runtime, a.out, n, a.rows, n, [=](Index row, Index c, Index count) {
    const Vector x = loadUpTo(a.x + row * n + c, count);
    const Vector y = x * loadUpTo(a.scale + c, count) + loadUpTo(a.shift + c, count);
    return a.relu ? positive(y) : y;
  });
  return done;
}

}  // namespace SIMD_VARIANT
