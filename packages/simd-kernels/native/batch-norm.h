// Batch normalisation with its ReLU over the rows of [rows, channels], and scale and shift alone.
#pragma once
#include "columns.h"

namespace SIMD_VARIANT {

struct BatchNormSize {
  Index rows, channels;
  double epsilon;
  bool relu;
};

// d = x - x[first row], and d²: a common offset does not cancel, a constant channel has variance exactly 0.
struct ShiftedSquares {
  const float* x;
  Index columns;
  void add(Index row, Index other, Index c, const TwoSums& to) const {
    const Vector reference = load(x + c);
    const Wide a = widen(load(x + row * columns + c) - reference), b = widen(load(x + other * columns + c) - reference);
    addTo(to.first, a.low + b.low);
    addTo(to.first + half, a.high + b.high);
    addTo(to.second, a.low * a.low + b.low * b.low);
    addTo(to.second + half, a.high * a.high + b.high * b.high);
  }
  void one(Index row, Index c, double& a, double& b) const {
    a = x[row * columns + c] - x[c];
    b = a * a;
  }
};

// What normalises each channel: (x - mean)·scale + beta; x·scale + (beta - mean·scale) would cancel when |mean| is far above
// the deviation.
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
  if (sumColumns(runtime, size.rows, n, ShiftedSquares{x, n}, {sums, sums + n})) return outOfMemory;
  for (Index c = 0; c < n; c++) {
    const double offset = sums[c] / size.rows;
    const double v = sums[n + c] / size.rows - offset * offset;
    mean[c] = static_cast<float>(x[c] + offset);
    variance[c] = static_cast<float>(v < 0 ? 0 : v);
    scale[c] = static_cast<float>(gamma[c] / __builtin_sqrt(variance[c] + size.epsilon));
  }
  const bool relu = size.relu;
  forMatrix(runtime, size.rows, n, [=](Index row, Index c, Index count) {
    const Index i = row * n + c;
    const Vector centred = loadUpTo(x + i, count) - loadUpTo(mean + c, count);
    const Vector y = centred * loadUpTo(scale + c, count) + loadUpTo(beta + c, count);
    storeUpTo(out + i, relu ? positive(y) : y, count);
  });
  return done;
}

// g and g·(x - mean), where g is the gradient, 0 where the ReLU was off. The terms of two rows are added in float32: a
// gradient's digits are those of its terms, and memory then sets the pace.
struct MaskedProducts {
  const float* x;
  const float* gradient;
  const float* out;
  const float* mean;
  Index columns;
  bool relu;

  Vector masked(Index i, Index count) const {
    const Vector g = loadUpTo(gradient + i, count);
    return !relu ? g : loadUpTo(out + i, count) > Vector{} ? g : Vector{};
  }
  Vector centred(Index i, Index c, Index count) const { return loadUpTo(x + i, count) - loadUpTo(mean + c, count); }

  void add(Index row, Index other, Index c, const TwoSums& to) const {
    const Index i = row * columns + c, j = other * columns + c;
    const Vector u = centred(i, c, lanes), v = centred(j, c, lanes);
    const Vector g = masked(i, lanes), h = masked(j, lanes);
    addWide(to.first, g + h);
    addWide(to.second, g * u + h * v);
  }
  void one(Index row, Index c, double& a, double& b) const {
    const Index i = row * columns + c;
    const Vector u = centred(i, c, 1);
    a = masked(i, 1)[0];
    b = a * u[0];
  }
};

struct BatchNormInputs {
  const float* x;
  const float* gradient;
  const float* out;
  const float* gamma;
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
  const MaskedProducts terms{from.x, from.gradient, from.out, from.mean, n, size.relu};
  if (sumColumns(runtime, size.rows, n, terms, {sums, sums + n})) return outOfMemory;
  for (Index c = 0; c < n; c++) {
    const double s = 1 / __builtin_sqrt(from.variance[c] + size.epsilon);
    to.beta[c] = static_cast<float>(sums[c]);
    to.gamma[c] = static_cast<float>(sums[n + c] * s);
    scale[c] = static_cast<float>(from.gamma[c] * s);
    average[c] = static_cast<float>(sums[c] / size.rows);
    slope[c] = static_cast<float>(sums[n + c] * s * s / size.rows);
  }
  float* input = to.input;
  forMatrix(runtime, size.rows, n, [=](Index row, Index c, Index count) {
    const Index i = row * n + c;
    const Vector centred = terms.centred(i, c, count);
    const Vector g = terms.masked(i, count);
    const Vector rest = g - loadUpTo(average + c, count) - centred * loadUpTo(slope + c, count);
    storeUpTo(input + i, loadUpTo(scale + c, count) * rest, count);
  });
  return done;
}

static int scaleShiftRelu(Runtime& runtime, const float* x, const float* scale, const float* shift, float* out,
                          const BatchNormSize& size) {
  const Index n = size.channels;
  const bool relu = size.relu;
  forMatrix(runtime, size.rows, n, [=](Index row, Index c, Index count) {
    const Vector y = loadUpTo(x + row * n + c, count) * loadUpTo(scale + c, count) + loadUpTo(shift + c, count);
    storeUpTo(out + row * n + c, relu ? positive(y) : y, count);
  });
  return done;
}

}  // namespace SIMD_VARIANT
