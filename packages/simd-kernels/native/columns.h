// Walks over [rows, columns], and sums down the columns.
#pragma once
#include "vector.h"
#if SIMD_LANES >= 8
#include <immintrin.h>
#endif

namespace SIMD_VARIANT {

// Rows are split into this many parts at most, whatever the number of threads; parts are added up in order.
constexpr Index mostParts = 32;
constexpr Index sumsAhead = 2048;  // entries between asking for one and adding it
constexpr Index half = lanes / 2;  // floats that fill one vector of doubles

typedef float HalfVector __attribute__((vector_size(SIMD_LANES * 2)));
typedef float UnalignedHalf __attribute__((vector_size(SIMD_LANES * 2), aligned(4), may_alias));
typedef double Doubles __attribute__((vector_size(SIMD_LANES * 4)));
typedef double UnalignedDoubles __attribute__((vector_size(SIMD_LANES * 4), aligned(8), may_alias));

static inline HalfVector loadHalf(const float* p) { return *reinterpret_cast<const UnalignedHalf*>(p); }

// One instruction where there is one; a compiler left to itself takes the vector apart first.
static inline Doubles widen(HalfVector v) {
#if SIMD_LANES == 16
  return _mm512_maskz_cvtps_pd(0xff, reinterpret_cast<__m256>(v));
#elif SIMD_LANES == 8
  return _mm256_cvtps_pd(reinterpret_cast<__m128>(v));
#else
  return __builtin_convertvector(v, Doubles);
#endif
}
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
  Doubles low{}, high{};
};
static inline Wide widen(Vector v) {
#if defined(SIMD_SHUFFLE) && SIMD_LANES == 16
  const HalfVector low = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
  const HalfVector high = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
#elif defined(SIMD_SHUFFLE) && SIMD_LANES == 8
  const HalfVector low = __builtin_shufflevector(v, v, 0, 1, 2, 3), high = __builtin_shufflevector(v, v, 4, 5, 6, 7);
#else
  HalfVector low, high;  // by way of memory
  __builtin_memcpy(&low, &v, sizeof low);
  __builtin_memcpy(&high, reinterpret_cast<const char*>(&v) + sizeof low, sizeof high);
#endif
  return {widen(low), widen(high)};
}
static inline Wide operator+(const Wide& a, const Wide& b) { return {a.low + b.low, a.high + b.high}; }
static inline Wide operator*(const Wide& a, const Wide& b) { return {a.low * b.low, a.high * b.high}; }
static inline Wide loadWide(const double* p) {
  const UnalignedDoubles* q = reinterpret_cast<const UnalignedDoubles*>(p);
  return {q[0], q[1]};
}
static inline void store(double* p, const Wide& v) {
  UnalignedDoubles* q = reinterpret_cast<UnalignedDoubles*>(p);
  q[0] = v.low;
  q[1] = v.high;
}

// What a pair of rows adds to `lanes` columns of two sums.
struct WideTerms {
  Wide first, second;
};

// For each column two float64 sums over the rows, of which two lie far apart and are added together: see
// forVectorsOfHalves. Terms offers
//   WideTerms of(Index row, Index other, Index column)          the terms of two rows and `lanes` columns
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
      for (; c + lanes <= columns; c += lanes) {
        const WideTerms added = own.of(row, row + pairs, c);
        store(first + c, loadWide(first + c) + added.first);
        store(second + c, loadWide(second + c) + added.second);
      }
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

// Calls pair(i, j) until every row of begin..end was one of the two; they lie far apart (see forVectorsOfHalves), but for a
// last row i = j.
template <class Pair>
static inline void walkRowPairs(Index begin, Index end, const Pair& pair) {
  const Index pairs = (end - begin) / 2;
  for (Index i = begin; i < begin + pairs; i++) pair(i, i + pairs);
  for (Index i = begin + 2 * pairs; i < end; i++) pair(i, i);
}

// Arrays of this many entries, 4 MiB, are long.
constexpr Index longArray = Index{1} << 20;

// Entries of a task that passes over memory: 256 KiB of a long array, since every walk has to be noticed by the processor
// before it fetches ahead; else 64 KiB, which threads share evenly.
constexpr Index taskEntries(Index entries) { return entries >= longArray ? 65536 : 16384; }

// The same for all rows, in tasks. Each has a copy of `pair` for itself, which should hold what it needs by value: a vector
// that is stored may alias anything, so what lies in shared memory would be read again after every store.
template <class Pair>
static void forRowPairs(Runtime& runtime, Index rows, Index columns, const Pair& pair) {
  const Index share = most(1, taskEntries(rows * columns) / most(1, columns));
  parallel(runtime, divideUp(rows, share), 8.0 * rows * columns, [&](Index task) {
    const Pair own = pair;
    walkRowPairs(task * share, least(rows, (task + 1) * share), own);
  });
}

}  // namespace SIMD_VARIANT
