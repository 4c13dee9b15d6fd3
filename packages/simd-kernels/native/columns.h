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

struct TwoSums {
  double* first;   // [columns]
  double* second;  // [columns]
};

// The lanes of a vector in float64.
struct Wide {
  Doubles low, high;
};
static inline Wide widen(Vector v) {
  HalfVector low, high;
  __builtin_memcpy(&low, &v, sizeof low);
  __builtin_memcpy(&high, reinterpret_cast<const char*>(&v) + sizeof low, sizeof high);
  return {widen(low), widen(high)};
}

// sums[0..lanes) += v
static inline void addWide(double* sums, Vector v) {
  const Wide wide = widen(v);
  addTo(sums, wide.low);
  addTo(sums + half, wide.high);
}

// For each column two float64 sums over the rows, of which two lie far apart and are added together: see
// forVectorsOfHalves. Terms offers
//   void add(Index row, Index other, Index column, TwoSums to)  adds the terms of two rows and `lanes` columns
//   void one(Index row, Index column, double& a, double& b)     terms of one row and column
template <class Terms>
static int sumColumns(Runtime& runtime, Index rows, Index columns, const Terms& terms, const TwoSums& total) {
  const Index parts = most(1, least(mostParts, divideUp(rows, 8)));
  const Index share = divideUp(divideUp(rows, parts), 2) * 2;
  double* sums = scratch<double>(runtime, parts * 2 * columns);
  if (!sums) return outOfMemory;
  parallel(runtime, parts, 8.0 * rows * columns, [&](Index part) {
    const Terms own = terms;  // see forRowPairs
    double* first = sums + part * 2 * columns;
    double* second = first + columns;
    for (Index c = 0; c < 2 * columns; c++) first[c] = 0;
    const auto addOne = [&](Index row, Index c) {
      double a, b;
      own.one(row, c, a, b);
      first[c] += a;
      second[c] += b;
    };
    const Index begin = least(rows, part * share), end = least(rows, begin + share), pairs = (end - begin) / 2;
    for (Index row = begin; row < begin + pairs; row++) {
      Index c = 0;
      for (; c + lanes <= columns; c += lanes) own.add(row, row + pairs, c, {first + c, second + c});
      for (; c < columns; c++) {
        addOne(row, c);
        addOne(row + pairs, c);
      }
    }
    for (Index row = begin + 2 * pairs; row < end; row++)
      for (Index c = 0; c < columns; c++) addOne(row, c);
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

// Calls pair(i, j) until every row was one of the two; they lie far apart (see forVectorsOfHalves), but for a last row i = j.
// Tasks are of about 64 KiB. Each has a copy of `pair` for itself, which should hold what it needs by value: a vector that is
// stored may alias anything, so what lies in shared memory would be read again after every store.
template <class Pair>
static void forRowPairs(Runtime& runtime, Index rows, Index columns, const Pair& pair) {
  const Index share = most(1, 16384 / most(1, columns));
  parallel(runtime, divideUp(rows, share), 8.0 * rows * columns, [&](Index task) {
    const Pair own = pair;
    const Index begin = task * share, end = least(rows, begin + share), pairs = (end - begin) / 2;
    for (Index i = begin; i < begin + pairs; i++) own(i, i + pairs);
    for (Index i = begin + 2 * pairs; i < end; i++) own(i, i);
  });
}

// Calls step(row, column, count) for all vectors of a matrix; `count` is as in forVectors.
template <class Step>
static void forMatrix(Runtime& runtime, Index rows, Index columns, const Step& step) {
  forRowPairs(runtime, rows, columns, [=](Index row, Index other) {
    if (row == other) return forVectors(columns, [&](Index c, Index count) { step(row, c, count); });
    Index first = 0;
    for (; first + line <= columns; first += line) {
      for (Index c = first; c < first + line; c += lanes) step(row, c, lanes);
      for (Index c = first; c < first + line; c += lanes) step(other, c, lanes);
    }
    forVectors(columns - first, [&](Index c, Index count) {
      step(row, first + c, count);
      step(other, first + c, count);
    });
  });
}

}  // namespace SIMD_VARIANT
