// Sparse convolution: gather rows, multiply, add to scattered rows, over the pairs of each tap.
#pragma once
#include "pack.h"
#include "tile.h"

namespace SIMD_VARIANT {

constexpr Index pairTiles = 32;  // tiles of pairs that share a panel while it is in the cache

// Pairs starts[t] .. starts[t+1] of tap t add source row `from[p]` · weights[t] to target row `to[p]`.
struct Pairs {
  Index taps;
  const int* starts;
  const int* from;
  const int* to;
};

// Rows of A and C gathered from pairs until there are enough to multiply.
struct PairBatch {
  Index count = 0;
  const float* sources[pairTiles * tileRows];
  float* targets[pairTiles * tileRows];
};

// Asks for the beginning of a row that is needed a batch later; the processor then goes on along it by itself.
static inline void fetchRow(const float* row, Index n) {
  constexpr Index mostFloats = 128;
  fetch(row, least(n, mostFloats));
}

static void multiplyBatch(PairBatch& batch, const Panels& b, Index tap) {
  for (Index panel = 0; panel < b.count(); panel++) {
    const Index column = panel * tileColumns;
    const float* weights = b.at(tap, 0, panel);
    for (Index first = 0; first < batch.count; first += tileRows) {
      const Index rows = least(tileRows, batch.count - first);
      float* out[tileRows];
      for (Index r = 0; r < rows; r++) out[r] = batch.targets[first + r] + column;
      edgeTile(rows, least(tileColumns, b.n - column), batch.sources + first, &weights, 1, b.k, 1, out, true);
    }
  }
  batch.count = 0;
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

// target[rows, n] = Σ source[from] · weights. Threads share the *target rows*: each takes a range and walks the pairs of
// every tap for targets inside it, so a row is summed by one thread in order of tap, then pair, whatever the ranges
// are. Taps whose targets ascend (the usual rulebook) are cut by bisection instead of being walked whole.
static int mappedProduct(Runtime& runtime, const Pairs& pairs, const Operand& operand, const float* source,
                         float* target, Index targetRows) {
  const Index k = operand.k, n = operand.n;
  const Panels b = pack(runtime, operand, most(k, 1));  // one chunk: a pair adds to its row once
  bool* ascending = scratch<bool>(runtime, pairs.taps);
  if (!b.data || !ascending) return outOfMemory;
  parallel(runtime, pairs.taps, pairs.starts[pairs.taps], [&](Index tap) {
    Index falls = 0;
    for (Index p = pairs.starts[tap] + 1; p < pairs.starts[tap + 1]; p++) falls += pairs.to[p] < pairs.to[p - 1];
    ascending[tap] = falls == 0;
  });
  const Index ranges = runtime.threads > 1 ? 4 * runtime.threads : 1;
  const Index rangeRows = divideUp(targetRows, ranges);
  parallel(runtime, ranges, 1.0 * pairs.starts[pairs.taps] * k * n, [&](Index range) {
    const Index low = least(range * rangeRows, targetRows), high = least(low + rangeRows, targetRows);
    fillZero(target + low * n, (high - low) * n);
    PairBatch batch;
    for (Index tap = 0; tap < pairs.taps; tap++) {
      Index p = pairs.starts[tap], end = pairs.starts[tap + 1];
      if (ascending[tap]) {
        p = firstNotBelow(pairs.to, p, end, low);
        end = firstNotBelow(pairs.to, p, end, high);
      }
      for (; p < end; p++) {
        const Index row = pairs.to[p];
        if (row < low || row >= high) continue;
        batch.sources[batch.count] = source + pairs.from[p] * k;
        batch.targets[batch.count] = target + row * n;
        fetchRow(batch.sources[batch.count], k);
        fetchRow(batch.targets[batch.count], n);
        if (++batch.count == pairTiles * tileRows) multiplyBatch(batch, b, tap);
      }
      multiplyBatch(batch, b, tap);
    }
  });
  return done;
}

}  // namespace SIMD_VARIANT
