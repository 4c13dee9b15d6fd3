// Sparse convolution: gather rows, multiply, add to scattered rows, over the pairs of each tap.
#pragma once
#include "pack.h"
#include "prefetch.h"
#include "tile.h"

namespace SIMD_VARIANT {

constexpr Index batchRows = 192;     // most pairs that are multiplied at once
constexpr Index batchFloats = 6144;  // of their rows, which stay in the first-level cache from panel to panel: brings 1 to 2 %
                                     // of second-mini's step over tile by tile (two EPYC cores, 2026-11-28)

// Pairs starts[t] .. starts[t+1] of tap t add source row `from[p]` · weights[t] to target row `to[p]`.
struct Pairs {
  Index taps;
  const int* starts;
  const int* from;
  const int* to;
};

struct MappedRows {
  const float* source;  // [.., k], of words
  float* target;        // [.., n]
  Index k, n;
};

// Rows of A and C of some pairs of one tap.
struct PairBatch {
  Index tap, count = 0;
  const float* sources[batchRows];
  float* targets[batchRows];
};

// Multiplies a batch and meanwhile asks for the source rows of the next one.
template <class Number>
static void multiplyBatch(const PairBatch& batch, const PairBatch& next, const Panels& b) {
  const Index asked = b.k <= line ? 0 : next.count;  // short rows: see BatchWalk
  RowRequests requests(asked, b.count() * divideUp(batch.count, tileRows));
  for (Index panel = 0; panel < b.count(); panel++) {
    const Index column = panel * tileColumns, columns = least(tileColumns, b.n - column);
    const float* weights = b.at(batch.tap, 0, panel);
    for (Index first = 0; first < batch.count; first += tileRows) {
      requests.beside([&](Index row) { requestRowAhead(next.sources[row], b.k); });
      const Index rows = least(tileRows, batch.count - first);
      float* out[tileRows];
      for (Index r = 0; r < rows; r++) out[r] = batch.targets[first + r] + column;
      edgeTile<Number>(rows, columns, {batch.sources + first, &weights, 1, b.k}, {out, true});
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
  Stretch* stretches;  // [tap][range]; null when memory ran out

  Index begin(Index range) const { return least(range * divideUp(rows, count), rows); }
  const Stretch& stretch(Index tap, Index range) const { return stretches[tap * count + range]; }
};

// One range for each thread and some more, so that none waits long.
static TargetRanges cutTargets(Runtime& runtime, const Pairs& pairs, Index rows) {
  bool* ascends = scratch<bool>(runtime, pairs.taps);
  if (!ascends) return {rows, 0, nullptr};
  parallel(runtime, pairs.taps, pairs.starts[pairs.taps],
           [&](Index tap) { ascends[tap] = ascend(pairs.to, pairs.starts[tap], pairs.starts[tap + 1]); });
  const Index count = runtime.threads > 1 ? 4 * runtime.threads : 1;
  const TargetRanges ranges{rows, count, scratch<TargetRanges::Stretch>(runtime, pairs.taps, count)};
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

// Hands out the pairs with targets in one range, tap by tap, in batches of one tap.
struct BatchWalk {
  const Pairs& pairs;
  const MappedRows& rows;
  const TargetRanges& ranges;
  Index range, size;  // most pairs of a batch
  Index tap = -1, p = 0, end = 0;

  // Fills `batch` with the next pairs, or with none when all were handed out.
  void next(PairBatch& batch) {
    const auto [source, target, k, n] = rows;  // copies: pointers that are stored may alias the originals
    const auto [taps, starts, from, to] = pairs;
    const Index low = ranges.begin(range), high = ranges.begin(range + 1);
    Index count = 0;
    while (count == 0) {
      while (p == end && tap + 1 < taps) {
        const auto [first, last] = ranges.stretch(++tap, range);
        p = first;
        end = last;
      }
      if (p == end) break;
      Index pair = p;
      for (; pair < end && count < size; pair++) {
        const Index row = to[pair];
        if (row < low || row >= high) continue;
        batch.sources[count] = source + from[pair] * k;
        if (k <= line) __builtin_prefetch(batch.sources[count]);  // tiles of short rows pass too quickly to ask beside them
        batch.targets[count++] = target + row * n;
      }
      p = pair;
    }
    batch.tap = tap;
    batch.count = count;
  }
};

struct MappedMatrices {
  const float* source;  // [sourceRows, k], of numbers
  Index sourceRows;
  float* target;  // [targetRows, n]
  Index targetRows;
};

// target[rows, n] = Σ source[from] · weights. Threads share the *target rows*: each takes a range and walks the pairs of
// every tap for targets inside it, so a row is summed by one thread in order of tap, then pair, whatever the ranges are.
template <class Number>
static int mappedProduct(Number numbers, Runtime& runtime, const Pairs& pairs, const Operand& operand,
                         const MappedMatrices& matrices) {
  const Panels b = pack<Number>(runtime, operand, most(operand.k, 1));  // one chunk: a pair adds to its row once
  const Index k = b.k, n = operand.n;
  const float* source = wordsAlongRows(numbers, runtime, matrices.source, matrices.sourceRows, operand.k);
  float* target = matrices.target;
  if (!b.data || !source) return outOfMemory;
  const TargetRanges ranges = cutTargets(runtime, pairs, matrices.targetRows);
  if (!ranges.stretches) return outOfMemory;
  const MappedRows rows{source, target, k, n};
  const Index size = least(batchRows, divideUp(batchFloats, most(1, k + n) * tileRows) * tileRows);
  parallel(runtime, ranges.count, 1.0 * pairs.starts[pairs.taps] * k * n, [&](Index range) {
    const Index low = ranges.begin(range), high = ranges.begin(range + 1);
    fillZero(target + low * n, (high - low) * n);
    const TilesInUse inUse{};
    BatchWalk walk{pairs, rows, ranges, range, size};
    PairBatch batches[2];
    walk.next(batches[0]);
    for (Index i = 0; batches[i].count > 0; i = 1 - i) {
      walk.next(batches[1 - i]);
      multiplyBatch<Number>(batches[i], batches[1 - i], b);
    }
  });
  return done;
}

}  // namespace SIMD_VARIANT
