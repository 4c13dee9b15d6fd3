// Sums, means, maxima and minima over one axis of [outer, inner].
//
// Limits. Sums are float64 in a fixed order, rounded once; NaN if any entry is. Of nothing: 0, NaN, -infinity, infinity.
#pragma once
#include "elementwise.h"

namespace SIMD_VARIANT {

constexpr Index reducePart = 16384;  // entries of a row per part; parts are added up in order

struct RowSums {
  double row, other;
};

// Sums of two rows, which are read side by side.
static RowSums sumsOf(const float* row, const float* other, Index n) {
  Wide a{}, b{};
  Index i = 0;
  for (; i + lanes <= n; i += lanes) {
    __builtin_prefetch(row + i + sumsAhead);
    __builtin_prefetch(other + i + sumsAhead);
    const Wide v = widen(load(row + i)), w = widen(load(other + i));
    a.low += v.low;
    a.high += v.high;
    b.low += w.low;
    b.high += w.high;
  }
  const Doubles rowLanes = a.low + a.high, otherLanes = b.low + b.high;
  RowSums sums{};
  for (Index l = 0; l < half; l++) {
    sums.row += rowLanes[l];
    sums.other += otherLanes[l];
  }
  for (; i < n; i++) {
    sums.row += row[i];
    sums.other += other[i];
  }
  return sums;
}

static double sumOf(const float* x, Index n) {
  const RowSums halves = sumsOf(x, x + n / 2, n / 2);
  return halves.row + halves.other + (n % 2 ? x[n - 1] : 0);
}

// Largest entry, or smallest with sign -1 (both signs turned); NaN if there is one.
static float largestOf(const float* x, Index n, float sign) {
  const Vector start = broadcast(-__builtin_inff());
  Vector best[4] = {start, start, start, start};
  Index i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes)
    for (Index u = 0; u < 4; u++) best[u] = larger(best[u], sign * load(x + i + u * lanes));
  const Vector all = larger(larger(best[0], best[1]), larger(best[2], best[3]));
  float largest = -__builtin_inff();
  for (Index l = 0; l < lanes; l++) largest = all[l] > largest || all[l] != all[l] ? all[l] : largest;
  for (; i < n && largest == largest; i++) largest = sign * x[i] > largest || x[i] != x[i] ? sign * x[i] : largest;
  return sign * largest;
}

// Sums or means of rows that are one part each.
static void sumRows(Runtime& runtime, const float* x, float* out, Index outer, Index inner, double divisor) {
  forRowPairs(runtime, outer, inner, [=](Index row, Index other) {
    const RowSums sums = sumsOf(x + row * inner, x + other * inner, inner);
    out[row] = static_cast<float>(sums.row / divisor);
    out[other] = static_cast<float>(sums.other / divisor);
  });
}

static int reduceRows(Runtime& runtime, Reduction operation, const float* x, float* out, Index outer, Index inner) {
  const Index parts = most(1, divideUp(inner, reducePart));
  const bool adds = operation == Reduction::sum || operation == Reduction::mean;
  const double divisor = operation == Reduction::mean ? inner : 1;
  if (adds && parts == 1) {
    sumRows(runtime, x, out, outer, inner, divisor);
    return done;
  }
  double* partial = scratch<double>(runtime, outer * parts);
  if (!partial) return outOfMemory;
  const float sign = operation == Reduction::min ? -1.0f : 1.0f;
  const auto reducePartOf = [=](Index task) {
    const Index first = task % parts * reducePart, count = least(reducePart, inner - first);
    const float* from = x + task / parts * inner + first;
    partial[task] = adds ? sumOf(from, count) : largestOf(from, count, sign);
  };
  forRowPairs(runtime, outer * parts, least(inner, reducePart), [=](Index task, Index other) {
    reducePartOf(task);
    if (other != task) reducePartOf(other);
  });
  for (Index i = 0; i < outer; i++) {
    double total = partial[i * parts];
    for (Index p = 1; p < parts; p++) {
      const double next = partial[i * parts + p];
      if (adds) total += next;
      else total = sign * next > sign * total || next != next ? next : total;
    }
    out[i] = static_cast<float>(total / divisor);
  }
  return done;
}

static int reduceColumns(Runtime& runtime, Reduction operation, const float* x, float* out, Index outer, Index inner) {
  if (operation == Reduction::sum || operation == Reduction::mean) {
    double* sums = scratch<double>(runtime, inner);
    const auto entries = [=](Index row, Index c, Index count) {
      __builtin_prefetch(x + row * inner + c + sumsAhead);
      return Terms<1>{loadUpTo(x + row * inner + c, count)};
    };
    if (!sums || sumColumns<AddWide<1>>(runtime, outer, inner, entries, sums)) return outOfMemory;
    for (Index c = 0; c < inner; c++)
      out[c] = static_cast<float>(operation == Reduction::mean ? sums[c] / outer : sums[c]);
    return done;
  }
  const float worst = operation == Reduction::max ? -__builtin_inff() : __builtin_inff();
  constexpr Index block = 64;  // columns per task
  parallel(runtime, divideUp(inner, block), 8.0 * outer * inner, [&](Index task) {
    const Index first = task * block, count = least(block, inner - first);
    for (Index c = first; c < first + count; c++) out[c] = worst;
    for (Index row = 0; row < outer; row++)
      forVectors(count, [&](Index c, Index n) {
        const Vector a = loadUpTo(out + first + c, n), b = loadUpTo(x + row * inner + first + c, n);
        storeUpTo(out + first + c, operation == Reduction::max ? larger(a, b) : smaller(a, b), n);
      });
  });
  return done;
}

static int run(Runtime& runtime, const ReduceArguments& a) {
  const auto reduce = a.axis == Axis::inner ? reduceRows : reduceColumns;
  return reduce(runtime, a.operation, a.x, a.out, a.outer, a.inner);
}

}  // namespace SIMD_VARIANT
