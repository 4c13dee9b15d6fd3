// Sparse convolution: gather rows, multiply, add to scattered rows, over the pairs of each tap.
#pragma once
#include "narrow-product.h"
#include "tile.h"

namespace SIMD_VARIANT {

constexpr Index batchRows = 192;      // most pairs that are multiplied at once
constexpr Index batchFloats = 6144;   // of their rows, which stay in the first-level cache from panel to panel
constexpr Index rangeFloats = 32768;  // of target rows, which stay in the second-level cache from tap to tap

// Rows of A and C of some pairs of one tap.
struct PairBatch {
  Index tap, count = 0;
  const float* sources[batchRows];
  float* targets[batchRows];
};

static void multiplyBatch(const PairBatch& batch, const Panels& b) {
  for (Index panel = 0; panel < b.count(); panel++) {
    const Index column = panel * tileColumns, columns = least(tileColumns, b.n - column);
    const float* weights = b.at(batch.tap, 0, panel);
    for (Index first = 0; first < batch.count; first += tileRows) {
      const Index rows = least(tileRows, batch.count - first);
      float* out[tileRows];
      for (Index r = 0; r < rows; r++) out[r] = batch.targets[first + r] + column;
      edgeTile(rows, columns, batch.sources + first, &weights, 1, b.k, 1, out, true);
    }
  }
}

// Whether the targets of pairs first..last-1 ascend, as those of the usual rulebook do.
static bool ascend(const int* to, Index first, Index last) {
  Index falls = 0;
  for (Index p = first + 1; p < last; p++) falls += to[p] < to[p - 1];
  return falls == 0;
}

// First position in to[begin..end) that is not below `row`.
static Index firstNotBelow(const int* to, Index begin, Index end, Index row) {
  while (begin < end) {
    const Index middle = begin + (end - begin) / 2;
    if (to[middle] < row) begin = middle + 1;
    else end = middle;
  }
  return begin;
}

// Target rows cut into `count` ranges, and for each tap and range the pairs to be looked at: where targets ascend those
// with a target in the range, else all of the tap.
struct TargetRanges {
  struct Stretch {
    Index first, last;
  };
  Index rows, count;
  bool exact;  // all pairs of a stretch have their targets in its range: every tap's ascend, or there is one range
  Stretch* stretches;  // [tap][range]; null when memory ran out

  Index begin(Index range) const { return least(range * divideUp(rows, count), rows); }
};

// One range for each thread and some more, so that none waits long. Where all targets ascend, and ranges therefore cost
// nothing, so many that the rows of one stay in the cache while they are added to under every tap.
static TargetRanges cutTargets(Runtime& runtime, const Pairs& pairs, Index rows, Index columns) {
  bool* ascends = scratch<bool>(runtime, pairs.taps);
  if (!ascends) return {rows, 0, false, nullptr};
  parallel(runtime, pairs.taps, pairs.starts[pairs.taps],
           [&](Index tap) { ascends[tap] = ascend(pairs.to, pairs.starts[tap], pairs.starts[tap + 1]); });
  Index count = runtime.threads > 1 ? 4 * runtime.threads : 1, rising = 0;
  for (Index tap = 0; tap < pairs.taps; tap++) rising += ascends[tap];
  const bool rise = rising == pairs.taps, exact = rise || count == 1;
  if (rise) count = most(count, divideUp(rows * columns, rangeFloats));
  const TargetRanges ranges{rows, count, exact, scratch<TargetRanges::Stretch>(runtime, pairs.taps * count)};
  if (!ranges.stretches) return ranges;
  parallel(runtime, pairs.taps, pairs.starts[pairs.taps], [&](Index tap) {
    Index first = pairs.starts[tap], last = pairs.starts[tap + 1];
    for (Index range = 0; range < count; range++) {
      const Index next = ascends[tap] ? firstNotBelow(pairs.to, first, last, ranges.begin(range + 1)) : last;
      ranges.stretches[tap * count + range] = {first, next};
      if (ascends[tap]) first = next;
    }
  });
  return ranges;
}

// Fills `batch` with `size` of the pairs p..end-1 whose targets lie in low..high-1; returns the first not looked at.
static Index collect(const Pairs& pairs, const MappedRows& rows, Index p, Index end, Index low, Index high, Index size,
                     PairBatch& batch) {
  const auto [source, target, k, n] = rows;
  const auto [taps, starts, from, to] = pairs;
  Index count = 0;
  for (; p < end && count < size; p++) {
    const Index row = to[p];
    if (row < low || row >= high) continue;
    batch.sources[count] = source + from[p] * k;
    if (k <= line) __builtin_prefetch(batch.sources[count]);  // along longer rows the processor fetches by itself
    batch.targets[count++] = target + row * n;
  }
  batch.count = count;
  return p;
}

// target[rows, n] = Σ source[from] · weights. Threads share the *target rows*: each takes a range and walks the pairs of
// every tap for targets inside it, so a row is summed by one thread in order of tap, then pair, whatever the ranges are.
static int mappedProduct(Runtime& runtime, const Pairs& pairs, const Operand& operand, const float* source,
                         float* target, Index targetRows) {
  const Index k = operand.k, n = operand.n;
  const Panels b = pack(runtime, operand, most(k, 1));  // one chunk: a pair adds to its row once
  if (!b.data) return outOfMemory;
  const TargetRanges ranges = cutTargets(runtime, pairs, targetRows, n);
  if (!ranges.stretches) return outOfMemory;
  const MappedRows rows{source, target, k, n};
  const Index size = least(batchRows, divideUp(batchFloats, most(1, k + n) * tileRows) * tileRows);
  parallel(runtime, ranges.count, 1.0 * pairs.starts[pairs.taps] * k * n, [&](Index range) {
    const Index low = ranges.begin(range), high = ranges.begin(range + 1);
    fillZero(target + low * n, (high - low) * n);
    const bool narrow = ranges.exact && isNarrow(k, n);
    PairBatch batch;
    for (Index tap = 0; tap < pairs.taps; tap++) {
      auto [p, end] = ranges.stretches[tap * ranges.count + range];
      if (narrow) {
        narrowProduct(pairs, rows, p, end, tap, b);
        continue;
      }
      while (p < end) {
        batch.tap = tap;
        p = collect(pairs, rows, p, end, low, high, size, batch);
        multiplyBatch(batch, b);
      }
    }
  });
  return done;
}

}  // namespace SIMD_VARIANT
