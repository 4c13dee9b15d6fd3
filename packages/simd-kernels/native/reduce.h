// Sums, means, maxima and minima over one axis of [outer, inner].
//
// Limits. Sums are float64 in a fixed order, rounded once; NaN if any entry is. Of nothing: 0, NaN, -infinity, infinity.
#pragma once
#include "elementwise.h"

namespace SIMD_VARIANT {

constexpr Index reducePart = 16384;  // entries of a row per part; parts are added up in order

// A float64 sum for each lane, added up at the end.
static double sumOf(const float* x, Index n) {
  Wide sums{};
  Index i = 0;
  for (; i + lanes <= n; i += lanes) sums = sums + widen(load(x + i));
  const Doubles both = sums.low + sums.high;
  double sum = 0;
  for (Index l = 0; l < half; l++) sum += both[l];
  for (; i < n; i++) sum += x[i];
  return sum;
}

// Two halves and the entry that is left: a chain of additions each.
static double sumOfHalves(const float* x, Index n) {
  return sumOf(x, n / 2) + sumOf(x + n / 2, n / 2) + (n % 2 ? x[n - 1] : 0);
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
static void sumRows(Runtime& runtime, const ReduceArguments& a, double divisor) {
  const auto sum = [=, x = a.x, out = a.out, inner = a.inner](Index row) {
    out[row] = static_cast<float>(sumOf(x + row * inner, inner) / divisor);
  };
  forRows(runtime, a.outer, a.inner, sum);
}

static int reduceRows(Runtime& runtime, const ReduceArguments& a) {
  const float* const x = a.x;
  const Index outer = a.outer, inner = a.inner;
  const Reduction operation = a.operation;
  const Index parts = most(1, divideUp(inner, reducePart));
  const bool adds = operation == Reduction::sum || operation == Reduction::mean;
  const double divisor = operation == Reduction::mean ? inner : 1;
  if (adds && parts == 1) {
    sumRows(runtime, a, divisor);
    return done;
  }
  double* partial = scratch<double>(runtime, outer, parts);
  if (!partial) return outOfMemory;
  const float sign = operation == Reduction::min ? -1.0f : 1.0f;
  forRows(runtime, outer * parts, least(inner, reducePart), [=](Index task) {
    const Index first = task % parts * reducePart, count = least(reducePart, inner - first);
    const float* from = x + task / parts * inner + first;
    partial[task] = adds ? sumOfHalves(from, count) : largestOf(from, count, sign);
  });
  for (Index i = 0; i < outer; i++) {
    double total = partial[i * parts];
    for (Index p = 1; p < parts; p++) {
      const double next = partial[i * parts + p];
      if (adds) total += next;
      else total = sign * next > sign * total || next != next ? next : total;
    }
    a.out[i] = static_cast<float>(total / divisor);
  }
  return done;
}

static int reduceColumns(Runtime& runtime, const ReduceArguments& a) {
  const float* const x = a.x;
  float* const out = a.out;
  const Index outer = a.outer, inner = a.inner;
  const Reduction operation = a.operation;
  if (operation == Reduction::sum || operation == Reduction::mean) {
    double* sums = scratch<double>(runtime, inner);
    const auto entries = [=](Index row, Index c, Index count) { return Terms<1>{loadUpTo(x + row * inner + c, count)}; };
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
        const Vector best = loadUpTo(out + first + c, n), next = loadUpTo(x + row * inner + first + c, n);
        storeUpTo(out + first + c, operation == Reduction::max ? larger(best, next) : smaller(best, next), n);
      });
  });
  return done;
}

static int run(Runtime& runtime, const ReduceArguments& a) {
  return a.axis == Axis::inner ? reduceRows(runtime, a) : reduceColumns(runtime, a);
}

}  // namespace SIMD_VARIANT
