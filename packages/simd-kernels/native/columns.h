// Sums down the columns of [rows, columns], and batch normalisation on them.
#pragma once
#include "vector.h"

namespace SIMD_VARIANT {

// Rows are split into this many parts at most, whatever the number of threads; parts are added up in order.
constexpr Index mostParts = 32;
constexpr Index blockRows = 2;          // rows that are summed in registers; more would be read in jumps
constexpr Index fetchDistance = 1024;   // floats between asking for rows and summing them
constexpr Index half = lanes / 2;       // floats that fill one vector of doubles

typedef float HalfVector __attribute__((vector_size(SIMD_LANES * 2)));
typedef float UnalignedHalf __attribute__((vector_size(SIMD_LANES * 2), aligned(4), may_alias));
typedef double Doubles __attribute__((vector_size(SIMD_LANES * 4)));
typedef double UnalignedDoubles __attribute__((vector_size(SIMD_LANES * 4), aligned(8), may_alias));

static inline HalfVector loadHalf(const float* p) { return *reinterpret_cast<const UnalignedHalf*>(p); }
static inline Doubles widen(HalfVector v) { return __builtin_convertvector(v, Doubles); }
static inline void addTo(double* p, Doubles v) {
  UnalignedDoubles* q = reinterpret_cast<UnalignedDoubles*>(p);  // `auto` would drop the alignment of 8
  *q = *q + v;
}

struct TwoSums {
  double* first;   // [columns]
  double* second;  // [columns]
};

// sums[0..lanes) += v
static inline void addWide(double* sums, Vector v) {
  HalfVector low, high;
  __builtin_memcpy(&low, &v, sizeof low);
  __builtin_memcpy(&high, reinterpret_cast<const char*>(&v) + sizeof low, sizeof high);
  addTo(sums, widen(low));
  addTo(sums + half, widen(high));
}

// For each column two float64 sums over the rows. Terms offers
//   Index width                                                 columns that `add` takes at once
//   void add(Index row, Index count, Index column, TwoSums to)  adds the terms of `count` rows of these columns
//   void one(Index row, Index column, double& a, double& b)     terms of one row and column
//   void fetchRows(Index row, Index count)                      asks for what these rows are summed from
template <class Terms>
static int sumColumns(Runtime& runtime, Index rows, Index columns, const Terms& terms, const TwoSums& total) {
  const Index parts = most(1, least(mostParts, divideUp(rows, 4 * blockRows)));
  const Index share = divideUp(divideUp(rows, parts), blockRows) * blockRows;
  double* sums = scratch<double>(runtime, parts * 2 * columns);
  if (!sums) return outOfMemory;
  parallel(runtime, parts, 8.0 * rows * columns, [&](Index part) {
    double* first = sums + part * 2 * columns;
    double* second = first + columns;
    for (Index c = 0; c < 2 * columns; c++) first[c] = 0;
    const Index end = least(rows, (part + 1) * share);
    const Index ahead = most(1, fetchDistance / most(1, columns));
    for (Index row = part * share; row < end; row += blockRows) {
      const Index count = least(blockRows, end - row);
      terms.fetchRows(row + ahead, least(blockRows, end - row - ahead));
      Index c = 0;
      for (; c + Terms::width <= columns; c += Terms::width) terms.add(row, count, c, {first + c, second + c});
      for (; c < columns; c++) {
        double a = 0, b = 0;
        for (Index r = 0; r < count; r++) {
          double ta, tb;
          terms.one(row + r, c, ta, tb);
          a += ta;
          b += tb;
        }
        first[c] += a;
        second[c] += b;
      }
    }
  });
  for (Index c = 0; c < columns; c++) {
    double a = 0, b = 0;
    for (Index part = 0; part < parts; part++) {
      a += sums[part * 2 * columns + c];
      b += sums[part * 2 * columns + columns + c];
    }
    total.first[c] = a;
    total.second[c] = b;
  }
  return done;
}

// Calls row(i) for every row, in tasks of about 64 KiB.
template <class Row>
static void forRows(Runtime& runtime, Index rows, Index columns, const Row& row) {
  const Index share = most(1, 16384 / most(1, columns));
  parallel(runtime, divideUp(rows, share), 8.0 * rows * columns, [&](Index task) {
    for (Index i = task * share; i < least(rows, (task + 1) * share); i++) row(i);
  });
}

struct BatchNormSize {
  Index rows, channels;
  double epsilon;
  bool relu;
};

// d = x - x[first row], and d²: a common offset does not cancel, a constant channel has variance exactly 0.
struct ShiftedSquares {
  const float* x;
  Index columns;
  void fetchRows(Index row, Index count) const { fetch(x + row * columns, count * columns); }
  static constexpr Index width = half;
  void add(Index row, Index count, Index c, const TwoSums& to) const {
    const Doubles reference = widen(loadHalf(x + c));
    Doubles sum = {}, squares = {};
    for (Index r = 0; r < count; r++) {
      const Doubles d = widen(loadHalf(x + (row + r) * columns + c)) - reference;
      sum += d;
      squares += d * d;
    }
    addTo(to.first, sum);
    addTo(to.second, squares);
  }
  void one(Index row, Index c, double& a, double& b) const {
    a = static_cast<double>(x[row * columns + c]) - x[c];
    b = a * a;
  }
};

static inline Vector positive(Vector v) { return v < Vector{} ? Vector{} : v; }  // keeps NaN

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
  // (x - mean)·scale + beta; x·scale + (beta - mean·scale) would cancel when |mean| is far above the deviation
  forRows(runtime, size.rows, n, [&](Index row) {
    forVectors(n, [&](Index c, Index count) {
      const Vector centred = loadUpTo(x + row * n + c, count) - loadUpTo(mean + c, count);
      const Vector y = centred * loadUpTo(scale + c, count) + loadUpTo(beta + c, count);
      storeUpTo(out + row * n + c, size.relu ? positive(y) : y, count);
    });
  });
  return done;
}

// g and g·(x - mean), where g is the gradient, 0 where the ReLU was off. The terms of a block of rows are added in
// float32: a gradient's digits are those of its terms, and memory then sets the pace.
struct MaskedProducts {
  const float* x;
  const float* gradient;
  const float* out;
  const float* mean;
  Index columns;
  bool relu;
  void fetchRows(Index row, Index count) const {
    fetch(x + row * columns, count * columns);
    fetch(gradient + row * columns, count * columns);
    if (relu) fetch(out + row * columns, count * columns);
  }
  static constexpr Index width = lanes;
  void add(Index row, Index count, Index c, const TwoSums& to) const {
    const Vector centre = load(mean + c);
    Vector sum = {}, products = {};
    for (Index r = 0; r < count; r++) {
      const Index i = (row + r) * columns + c;
      Vector g = load(gradient + i);
      if (relu) g = load(out + i) > Vector{} ? g : Vector{};
      sum += g;
      products += g * (load(x + i) - centre);
    }
    addWide(to.first, sum);
    addWide(to.second, products);
  }
  void one(Index row, Index c, double& a, double& b) const {
    const Index i = row * columns + c;
    a = relu && !(out[i] > 0) ? 0 : gradient[i];
    b = a * (static_cast<double>(x[i]) - mean[c]);
  }
};

struct BatchNormGradients {
  float* input;
  float* gamma;
  float* beta;
};

// With s = 1/sqrt(variance + ε): input = gamma·s·(g - Σg/n - (x - mean)·s²·Σg(x-mean)/n)
static int batchNormReluBackward(Runtime& runtime, const MaskedProducts& terms, const float* gamma,
                                 const float* variance, const BatchNormGradients& to, const BatchNormSize& size) {
  const Index n = size.channels;
  double* sums = scratch<double>(runtime, 2 * n);
  float* factors = scratch<float>(runtime, 3 * n);
  if (!sums || !factors) return outOfMemory;
  if (sumColumns(runtime, size.rows, n, terms, {sums, sums + n})) return outOfMemory;
  float* scale = factors;
  float* average = factors + n;
  float* slope = factors + 2 * n;
  for (Index c = 0; c < n; c++) {
    const double s = 1 / __builtin_sqrt(variance[c] + size.epsilon);
    to.beta[c] = static_cast<float>(sums[c]);
    to.gamma[c] = static_cast<float>(sums[n + c] * s);
    scale[c] = static_cast<float>(gamma[c] * s);
    average[c] = static_cast<float>(sums[c] / size.rows);
    slope[c] = static_cast<float>(sums[n + c] * s * s / size.rows);
  }
  forRows(runtime, size.rows, n, [&](Index row) {
    forVectors(n, [&](Index c, Index count) {
      const Index i = row * n + c;
      Vector g = loadUpTo(terms.gradient + i, count);
      if (size.relu) g = loadUpTo(terms.out + i, count) > Vector{} ? g : Vector{};
      const Vector centred = loadUpTo(terms.x + i, count) - loadUpTo(terms.mean + c, count);
      const Vector rest = g - loadUpTo(average + c, count) - centred * loadUpTo(slope + c, count);
      storeUpTo(to.input + i, loadUpTo(scale + c, count) * rest, count);
    });
  });
  return done;
}

static int scaleShiftRelu(Runtime& runtime, const float* x, const float* scale, const float* shift, float* out,
                          const BatchNormSize& size) {
  const Index n = size.channels;
  forRows(runtime, size.rows, n, [&](Index row) {
    forVectors(n, [&](Index c, Index count) {
      const Vector y = loadUpTo(x + row * n + c, count) * loadUpTo(scale + c, count) + loadUpTo(shift + c, count);
      storeUpTo(out + row * n + c, size.relu ? positive(y) : y, count);
    });
  });
  return done;
}

}  // namespace SIMD_VARIANT
