// Walks over [rows, columns], and sums down the columns.
#pragma once
#include "vector.h"

namespace SIMD_VARIANT {

// Rows are split into this many parts at most, whatever the number of threads; parts are added up in order.
constexpr Index mostParts = 32;
constexpr Index half = lanes / 2;  // floats that fill one vector of doubles

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

// The lanes of a vector in float64.
struct Wide {
  Doubles low{}, high{};
};
static inline Wide widen(Vector v) {
  HalfVector low, high;
  __builtin_memcpy(&low, &v, sizeof low);
  __builtin_memcpy(&high, reinterpret_cast<const char*>(&v) + sizeof low, sizeof high);
  return {widen(low), widen(high)};
}
static inline Wide operator+(const Wide& a, const Wide& b) { return {a.low + b.low, a.high + b.high}; }
static inline Wide operator*(const Wide& a, const Wide& b) { return {a.low * b.low, a.high * b.high}; }
static inline Wide rounded(const Wide& product) { return {rounded(product.low), rounded(product.high)}; }
static inline Wide loadWide(const double* p) {
  const UnalignedDoubles* q = reinterpret_cast<const UnalignedDoubles*>(p);
  return {q[0], q[1]};
}
static inline void store(double* p, const Wide& v) {
  UnalignedDoubles* q = reinterpret_cast<UnalignedDoubles*>(p);
  q[0] = v.low;
  q[1] = v.high;
}

// What a row brings to a vector of columns.
template <Index Count>
struct Terms {
  Vector of[Count];
};

// How the terms of two rows join the sums of a vector of columns, `count` sums side by side in `wide`. Widening sets the pace.

// Each term in float64.
template <Index Count>
struct AddWide {
  static constexpr Index count = Count;
  static constexpr bool narrowAtFirst = false;
  static void add(double* wide, float*, const Terms<Count>& a, const Terms<Count>& b) {
    for (Index s = 0; s < Count; s++, wide += lanes) store(wide, loadWide(wide) + (widen(a.of[s]) + widen(b.of[s])));
  }
};

// A term and its square, in float64.
struct AddWithSquares {
  static constexpr Index count = 2;
  static constexpr bool narrowAtFirst = false;
  static void add(double* wide, float*, const Terms<1>& a, const Terms<1>& b) {
    const Wide u = widen(a.of[0]), v = widen(b.of[0]);
    store(wide, loadWide(wide) + (u + v));
    store(wide + lanes, loadWide(wide + lanes) + (u * u + rounded(v * v)));
  }
};

// A term and its product with another, in float32, in `narrow`, which is widened after rowsPerWidening rows: where an error of
// 2^-24 of their magnitudes does no harm.
constexpr Index rowsPerWidening = 32;
struct AddNarrowProducts {
  static constexpr Index count = 2;
  static constexpr bool narrowAtFirst = true;
  static void add(double*, float* narrow, const Terms<2>& a, const Terms<2>& b) {
    store(narrow, load(narrow) + (a.of[0] + b.of[0]));
    store(narrow + lanes, load(narrow + lanes) + (a.of[0] * a.of[1] + rounded(b.of[0] * b.of[1])));
  }
};

// Sums of one part of the rows: for each vector of columns its sums side by side.
template <class How>
struct ColumnSums {
  double* wide;
  float* narrow;  // of the last rows; stays 0 unless How::narrowAtFirst
  Index length;

  static Index place(Index sum, Index column) { return (column / lanes * How::count + sum) * lanes + column % lanes; }
  void clear() const {
    for (Index i = 0; i < length; i++) wide[i] = narrow[i] = 0;
  }
  template <Index Count>
  void add(Index column, const Terms<Count>& a, const Terms<Count>& b) const {
    How::add(wide + column * How::count, narrow + column * How::count, a, b);
  }
  void widenNarrow() const {
    if (!How::narrowAtFirst) return;
    for (Index i = 0; i < length; i += lanes) {
      store(wide + i, loadWide(wide + i) + widen(load(narrow + i)));
      store(narrow + i, Vector{});
    }
  }
};

// For each column How::count sums over the rows: total[sum][column]. `terms(row, column, count)` gives what How adds; `count`
// is as in forVectors, entries past it do not matter.
template <class How, class Of>
static int sumColumns(Runtime& runtime, Index rows, Index columns, const Of& terms, double* total) {
  const Index parts = most(1, least(mostParts, divideUp(rows, 8)));
  const Index share = divideUp(divideUp(rows, parts), 2) * 2;
  const Index length = How::count * divideUp(columns, line) * line;  // whole vectors
  const Index apart = length + length / 2;
  double* space = scratch<double>(runtime, parts, apart);
  if (!space) return outOfMemory;
  parallel(runtime, parts, 8.0 * rows * columns, [&](Index part) {
    const Of own = terms;  // see forRows
    double* wide = space + part * apart;
    const ColumnSums<How> sums{wide, reinterpret_cast<float*>(wide + length), length};
    sums.clear();
    const Index begin = least(rows, part * share), end = least(rows, begin + share), pairs = (end - begin) / 2;
    for (Index pair = 0; pair < pairs; pair++) {  // two rows far apart: the processor fetches ahead along each
      if (pair > 0 && pair % (rowsPerWidening / 2) == 0) sums.widenNarrow();
      const Index row = begin + pair;
      forVectors(columns, [=](Index c, Index count) { sums.add(c, own(row, c, count), own(row + pairs, c, count)); });
    }
    if ((end - begin) % 2)
      forVectors(columns, [=](Index c, Index count) { sums.add(c, own(end - 1, c, count), {}); });
    sums.widenNarrow();
  });
  for (Index s = 0; s < How::count; s++)
    for (Index c = 0; c < columns; c++) {
      double sum = 0;
      for (Index part = 0; part < parts; part++) sum += space[part * apart + ColumnSums<How>::place(s, c)];
      total[s * columns + c] = sum;
    }
  return done;
}

constexpr Index taskEntries = 16384;  // of a task that passes over memory: 64 KiB

// Calls step(row) for every row, in tasks. Each has a copy of `step` for itself, which should hold what it needs by value: a
// vector that is stored may alias anything, so what lies in shared memory would be read again after every store.
template <class Step>
static void forRows(Runtime& runtime, Index rows, Index columns, const Step& step) {
  const Index share = most(1, taskEntries / most(1, columns));
  parallel(runtime, divideUp(rows, share), 8.0 * rows * columns, [&](Index task) {
    const Step own = step;
    for (Index row = task * share; row < least(rows, (task + 1) * share); row++) own(row);
  });
}

}  // namespace SIMD_VARIANT
