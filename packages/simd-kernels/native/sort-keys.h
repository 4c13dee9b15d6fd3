// Whole numbers sorted with their places, by their digits from the lowest up.
//
// Limits. Keys from 0 to 2⁵³ - 1, fewer than 2³¹ of them: exact.
#pragma once
#include "core.h"

namespace SIMD_VARIANT {

constexpr int mostDigitBits = 12;  // 4096 counters stay in the first-level cache

struct PlacedKey {
  unsigned long long key;
  int place;
};

// sorted[i] = keys[order[i]], ascending; equal keys keep their order. Keys are whole numbers from 0 to 2^53 - 1. Two
// arrays take turns: each pass moves the keys from one into the other, in the order of one digit.
static int sortKeys(Runtime& runtime, const double* keys, double* sorted, int* order, Index count) {
  PlacedKey* from = scratch<PlacedKey>(runtime, count);
  PlacedKey* to = scratch<PlacedKey>(runtime, count);
  if (!from || !to) return outOfMemory;
  unsigned long long bits = 1;
  for (Index i = 0; i < count; i++) {
    from[i] = {static_cast<unsigned long long>(keys[i]), static_cast<int>(i)};
    bits |= from[i].key;
  }
  // As few passes as there can be, over digits of the same width.
  const int width = 64 - __builtin_clzll(bits);
  const int passes = (width + mostDigitBits - 1) / mostDigitBits;
  const int digitBits = (width + passes - 1) / passes;
  const Index digits = Index{1} << digitBits;
  for (int shift = 0; shift < passes * digitBits; shift += digitBits) {
    const auto digit = [&](const PlacedKey& k) { return static_cast<Index>(k.key >> shift) & (digits - 1); };
    int next[1 << mostDigitBits];
    for (Index d = 0; d < digits; d++) next[d] = 0;
    for (Index i = 0; i < count; i++) next[digit(from[i])]++;
    int before = 0;
    for (Index d = 0; d < digits; d++) {
      const int own = next[d];
      next[d] = before;
      before += own;
    }
    for (Index i = 0; i < count; i++) to[next[digit(from[i])]++] = from[i];
    PlacedKey* const moved = to;
    to = from;
    from = moved;
  }
  for (Index i = 0; i < count; i++) {
    sorted[i] = static_cast<double>(from[i].key);
    order[i] = from[i].place;
  }
  return done;
}

static int run(Runtime& runtime, const SortKeysArguments& a) {
  return sortKeys(runtime, a.keys, a.sorted, a.order, a.length);
}

}  // namespace SIMD_VARIANT
