// Gradients to weights: per tap, Σ over pairs of source rowᵀ · gradient row. Here the summed axis is the one that is
// addressed through a map, so blocks of pairs are gathered into packed operands of the same tile.
#pragma once
#include "convolution.h"
#include "mapped-product.h"

namespace SIMD_VARIANT {

constexpr Index blockPairs = 256;    // pairs per packed block; also where partial sums are added up
constexpr Index gradientTiles = 8;   // most tiles of source channels per task

// Source offers
//   Index count(Index tap)                                     number of pairs
//   void rows(Index tap, Index first, Index count, a[], b[])   their rows of A and of the gradient
template <class PairSource>
static void weightGradientTask(const PairSource& pairs, Index tap, Index channel0, Index channel1, Index cout,
                               float* gradient) {
  const float* sources[blockPairs];
  const float* gradients[blockPairs];
  float left[gradientTiles * blockPairs * tileRows];  // [tile][pair][tileRows]
  float right[blockPairs * tileColumns];              // [pair][tileColumns]
  const Index total = pairs.count(tap);
  if (total == 0) return fillZero(gradient + channel0 * cout, (channel1 - channel0) * cout);
  for (Index first = 0; first < total; first += blockPairs) {
    const Index count = least(blockPairs, total - first);
    pairs.rows(tap, first, count, sources, gradients);
    for (Index c = channel0; c < channel1; c += tileRows) {
      float* to = left + (c - channel0) * blockPairs;
      if (c + tileRows <= channel1)
        for (Index p = 0; p < count; p++) __builtin_memcpy(to + p * tileRows, sources[p] + c, tileRows * sizeof(float));
      else
        for (Index p = 0; p < count; p++)
          for (Index r = 0; r < channel1 - c; r++) to[p * tileRows + r] = sources[p][c + r];
    }
    for (Index column = 0; column < cout; column += tileColumns) {
      const Index columns = least(tileColumns, cout - column);
      for (Index p = 0; p < count; p++) {
        float* to = right + p * tileColumns;
        if (columns == tileColumns)
          for (Index v = 0; v < tileVectors; v++) store(to + v * lanes, load(gradients[p] + column + v * lanes));
        else
          for (Index j = 0; j < tileColumns; j++) to[j] = j < columns ? gradients[p][column + j] : 0;
      }
      const float* panel = right;
      for (Index c = channel0; c < channel1; c += tileRows) {
        const Index rows = least(tileRows, channel1 - c);
        const float* a[tileRows];
        float* out[tileRows];
        for (Index r = 0; r < rows; r++) {
          a[r] = left + (c - channel0) * blockPairs + r;
          out[r] = gradient + (c + r) * cout + column;
        }
        edgeTile(rows, columns, a, &panel, 1, count, tileRows, out, first > 0);
      }
    }
  }
}

// gradient[taps, cin, cout]; a task is a tap and some tiles of channels, whose sums run over the pairs in order.
template <class PairSource>
static void weightGradient(Runtime& runtime, const PairSource& pairs, Index taps, Index cin, Index cout,
                           float* gradient) {
  const Index tiles = divideUp(cin, tileRows);
  const Index share = most(2, least(gradientTiles, divideUp(tiles * taps, 6 * runtime.threads)));
  const Index blocks = divideUp(tiles, share);
  double work = 0;
  for (Index tap = 0; tap < taps; tap++) work += 1.0 * pairs.count(tap) * cin * cout;
  parallel(runtime, taps * blocks, work, [&](Index task) {
    const Index tap = task / blocks, channel = task % blocks * share * tileRows;
    weightGradientTask(pairs, tap, channel, least(channel + share * tileRows, cin), cout, gradient + tap * cin * cout);
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
