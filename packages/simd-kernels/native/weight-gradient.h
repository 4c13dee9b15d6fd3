// Gradients to weights: per tap, Σ over pairs of source rowᵀ · gradient row. Here the summed axis is the one that is
// addressed through a map, so blocks of pairs are gathered into packed operands of the same tile.
#pragma once
#include "convolution.h"
#include "mapped-product.h"
#include "outer-tile.h"

namespace SIMD_VARIANT {

constexpr Index blockPairs = 256;   // pairs per packed block; also where partial sums are added up
constexpr Index gradientTiles = most(16, 128 / tileRows);  // most tiles of source channels per task
// Rows of at most so many channels are multiplied where they lie: packing them would take longer. The more registers, the
// fewer times a row is read. Brings 4.6 % of second-mini's step with AVX-512, 1.7 % with AVX2 (two EPYC cores, 2026-11-28).
constexpr Index unpackedChannels = lanes == 16 ? 32 : 16;

// Pairs offers
//   Index count(Index tap)                                     number of pairs
//   void rows(Index tap, Index first, Index count, a[], b[])   their rows of A and of the gradient

// Columns first..last-1 of the row at rows[0], or of the pair of rows there, as words; `count` says how many rows there are.
// `room` is for as many words.
static inline const float* wordsOfRows(Float32, const float* const* rows, Index, Index first, Index, float*) {
  return rows[0] + first;
}
static inline const float* wordsOfRows(Bfloat16, const float* const* rows, Index count, Index first, Index last,
                                       float* room) {
  pairRows(rows[0] + first, count > 1 ? rows[1] + first : nullptr, last - first, room);
  return room;
}

// Copies columns first..last-1 of `count` rows into tiles [blockPairs, Width] of words. Row by row, because rows lie apart in
// memory and the processor fetches ahead only along one; the last tile is filled up with zeros.
template <class Number, Index Width>
static void packRows(const float* const* rows, Index count, Index first, Index last, float* out) {
  constexpr Index ahead = 8, perWord = Number::perWord;
  const Index whole = (last - first) / Width, rest = (last - first) % Width;
  float room[gradientTiles * tileRows];
  for (Index p = 0; p < Number::words(count); p++) {
    for (Index row = p * perWord + ahead; row < least(count, (p + 1) * perWord + ahead); row++)
      requestRow(rows[row] + first, last - first);
    const float* from = wordsOfRows(Number{}, rows + p * perWord, count - p * perWord, first, last, room);
    float* to = out + p * Width;
    for (Index i = 0; i < whole; i++, from += Width, to += blockPairs * Width) {
      // For WebAssembly the copy of more than a vector is the bulk instruction, a call in engines.
      if constexpr (Width % lanes == 0)
        for (Index v = 0; v < Width; v += lanes) store(to + v, load(from + v));
      else
        __builtin_memcpy(to, from, Width * sizeof(float));
    }
    if (rest)
      for (Index j = 0; j < Width; j++) to[j] = j < rest ? from[j] : 0;
  }
}

// A task: one tap, channels channel0..channel1-1 of the source, all of the gradient's.
struct GradientTask {
  Index tap, channel0, channel1, cout;
  bool accumulate;
};

// Rows of the source and of the gradient of some pairs of one tap.
struct PairBlock {
  Index count;
  const float* sources[blockPairs];
  const float* gradients[blockPairs];

  // Takes the pairs from `first` on, none when it is past the last.
  template <class PairSource>
  void take(const PairSource& pairs, Index tap, Index first) {
    count = most(0, least(blockPairs, pairs.count(tap) - first));
    if (count > 0) pairs.rows(tap, first, count, sources, gradients);
  }
};

// Calls step(block, next, first) for all pairs of the task's tap, block by block; `next` is the block after it.
template <class PairSource, class Step>
static void forBlocks(const PairSource& pairs, const GradientTask& task, const Step& step) {
  PairBlock blocks[2];
  blocks[0].take(pairs, task.tap, 0);
  for (Index first = 0, i = 0; blocks[i].count > 0; first += blockPairs, i = 1 - i) {
    blocks[1 - i].take(pairs, task.tap, first + blockPairs);
    step(blocks[i], blocks[1 - i], first);
  }
}

// As weightGradientTask for rows of few channels, `cout` a multiple of Vectors·lanes; the same bits.
template <Index Vectors, Index Rows, class PairSource>
static void unpackedGradientTask(const PairSource& pairs, const GradientTask& task, float* gradient) {
  const Index channel0 = task.channel0, channel1 = task.channel1, cout = task.cout;
  forBlocks(pairs, task, [&](const PairBlock& block, const PairBlock&, Index first) {
    for (Index p = 0; p < block.count; p++) requestRow(block.sources[p] + channel0, channel1 - channel0);
    for (Index column = 0; column < cout; column += Vectors * lanes)
      for (Index c = channel0; c < channel1; c += Rows)
        outerTileOf<Vectors, Rows>(least(Rows, channel1 - c), {block.sources, block.gradients, block.count, c, column},
                                   {gradient + c * cout + column, cout, task.accumulate || first > 0});
  });
}

template <class Number, class PairSource>
static void weightGradientTask(const PairSource& pairs, const GradientTask& task, float* gradient) {
  float left[gradientTiles * blockPairs * tileRows];  // [tile][pair][tileRows]
  float right[blockPairs * tileColumns];              // [pair][tileColumns], of one panel
  const Index channel0 = task.channel0, channel1 = task.channel1, cout = task.cout;
  if (pairs.count(task.tap) == 0 && !task.accumulate)
    return fillZero(gradient + channel0 * cout, (channel1 - channel0) * cout);
  if (Number::perWord == 1 && most(channel1, cout) <= unpackedChannels) {
    if (cout % tileColumns == 0) return unpackedGradientTask<tileVectors, tileRows>(pairs, task, gradient);
    if (cout == lanes) return unpackedGradientTask<1, narrowTileRows>(pairs, task, gradient);
  }
  const TilesInUse inUse{};
  const Index tiles = divideUp(channel1 - channel0, tileRows) * divideUp(cout, tileColumns);
  forBlocks(pairs, task, [&](const PairBlock& block, const PairBlock& next, Index first) {
    RowRequests requests(next.count, tiles);
    packRows<Number, tileRows>(block.sources, block.count, channel0, channel1, left);
    for (Index column = 0; column < cout; column += tileColumns) {
      const Index columns = least(tileColumns, cout - column);
      packRows<Number, tileColumns>(block.gradients, block.count, column, column + columns, right);
      const float* panel = right;
      for (Index c = channel0; c < channel1; c += tileRows) {
        requests.beside([&](Index row) {
          requestRowAhead(next.sources[row] + channel0, channel1 - channel0);
          requestRowAhead(next.gradients[row], cout);
        });
        const Index rows = least(tileRows, channel1 - c);
        const float* a[tileRows];
        float* out[tileRows];
        for (Index r = 0; r < rows; r++) {
          a[r] = left + (c - channel0) * blockPairs + r;
          out[r] = gradient + (c + r) * cout + column;
        }
        edgeTile<Number>(rows, columns, {a, &panel, 1, Number::words(block.count), tileRows},
                         {out, task.accumulate || first > 0});
      }
    }
  });
}

// gradient[taps, cin, cout]; a task is a tap and some tiles of channels, whose sums run over the pairs in order.
template <class Number, class PairSource>
static void weightGradient(Runtime& runtime, const PairSource& pairs, Index taps, Index cin, Index cout,
                           float* gradient, bool accumulate = false) {
  const Index tiles = divideUp(cin, tileRows);
  // Large shares: each task packs all of the gradient's channels for itself.
  const Index wanted = most(2, least(gradientTiles, divideUp(tiles * taps, runtime.threads)));
  const Index blocks = most(1, divideUp(tiles, wanted));
  const Index share = divideUp(tiles, blocks);
  double work = 0;
  for (Index tap = 0; tap < taps; tap++) work += 1.0 * pairs.count(tap) * cin * cout;
  parallel(runtime, taps * blocks, work, [&](Index task) {
    const Index tap = task / blocks, channel = task % blocks * share * tileRows;
    weightGradientTask<Number>(pairs, {tap, channel, least(channel + share * tileRows, cin), cout, accumulate},
                               gradient + tap * cin * cout);
  });
}

// Pairs of a sparse convolution.
struct MappedPairs {
  Pairs pairs;
  const float* source;
  const float* gradient;
  Index cin, cout;

  Index count(Index tap) const { return pairs.starts[tap + 1] - pairs.starts[tap]; }
  void rows(Index tap, Index first, Index count, const float** a, const float** b) const {
    const Index start = pairs.starts[tap] + first;
    for (Index p = 0; p < count; p++) {
      a[p] = source + pairs.from[start + p] * cin;
      b[p] = gradient + pairs.to[start + p] * cout;
    }
  }
};

// Pairs of a dense product Aᵀ·B: row p of A with row p of B.
struct DensePairs {
  const float* a;
  const float* b;
  Index pairs, m, n;

  Index count(Index) const { return pairs; }
  void rows(Index, Index first, Index count, const float** left, const float** right) const {
    for (Index p = 0; p < count; p++) {
      left[p] = a + (first + p) * m;
      right[p] = b + (first + p) * n;
    }
  }
};

// Output positions from..to-1 along one axis whose input position i·stride + offset lies inside 0..size-1.
struct Span {
  Index from, to;
};
static Span insideSpan(Index count, Index stride, Index offset, Index size) {
  const Index from = offset >= 0 ? 0 : divideUp(-offset, stride);
  const Index to = size - offset <= 0 ? 0 : least(count, divideUp(size - offset, stride));
  return {from, most(from, to)};
}

// Pairs of a 2D convolution: the output pixels of a rectangle per tap, in raster order.
struct RegularPairs {
  const ConvolutionShape& s;
  const float* source;
  const float* gradient;

  Index offsetY(Index tap) const { return tap / s.filterWidth * s.dilationHeight - s.padTop; }
  Index offsetX(Index tap) const { return tap % s.filterWidth * s.dilationWidth - s.padLeft; }
  Span spanY(Index tap) const { return insideSpan(s.outHeight, s.strideHeight, offsetY(tap), s.inHeight); }
  Span spanX(Index tap) const { return insideSpan(s.outWidth, s.strideWidth, offsetX(tap), s.inWidth); }
  Index count(Index tap) const {
    const Span y = spanY(tap), x = spanX(tap);
    return s.batch * (y.to - y.from) * (x.to - x.from);
  }
  void rows(Index tap, Index first, Index count, const float** a, const float** b) const {
    const Span spanY = this->spanY(tap), spanX = this->spanX(tap);
    const Index height = spanY.to - spanY.from, width = spanX.to - spanX.from;
    Index x = spanX.from + first % width, y = spanY.from + first / width % height, image = first / width / height;
    for (Index p = 0; p < count; p++) {
      const Index inY = y * s.strideHeight + offsetY(tap), inX = x * s.strideWidth + offsetX(tap);
      a[p] = source + ((image * s.inHeight + inY) * s.inWidth + inX) * s.inChannels;
      b[p] = gradient + ((image * s.outHeight + y) * s.outWidth + x) * s.outChannels;
      if (++x < spanX.to) continue;
      x = spanX.from;
      if (++y < spanY.to) continue;
      y = spanY.from;
      image++;
    }
  }
};

}  // namespace SIMD_VARIANT
