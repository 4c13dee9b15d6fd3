// A level of a detector's neck and heads: two products, of which the first one's result never leaves the cache.
//
// Limits. Sums are float32: a pixel is within (k + 5)·2⁻²⁴·(Σ|a||b| + |bias|) of the exact one, a result within
// (channels + 5)·2⁻²⁴ of the sum of magnitudes of what it is made of, and that of its pixels.
#pragma once
#include "product.h"

namespace SIMD_VARIANT {

// Pixel (a, b) of the patches of some cells, which are the rows: read from `cells`, written one behind the other.
struct PixelMap : IdentityMap {
  Index pixel;
  Index weightTap(Index) const { return pixel; }
};

// Rows of pixels become the left-hand operand of the heads, where they lie: relu(pixel + bias), in words, which take no more room.
template <class Number>
static void finishPixels(float* pixels, Index rows, Index channels, const float* bias) {
  for (Index row = 0; row < rows; row++, pixels += channels)
    forVectors(channels, [&](Index c, Index some) {
      const Vector sum = loadUpTo(pixels + c, some) + loadUpTo(bias + c, some);
      Number::storeNumbers(pixels + c / Number::perWord, positive(sum), some);
    });
}

// Adds what the heads say, `stride` numbers for each pixel, of line y of the patch of a cell to their maps; without `accumulate` it
// joins the biases.
static void addToMaps(const PatchHeadsArguments& a, const float* said, Index stride, Index cell, Index y) {
  const Index pixels = a.lines * a.width * a.side * a.side;
  const Index place = ((cell / a.width * a.side + y) * a.width + cell % a.width) * a.side;
  float* map = a.out;
  const float* bias = a.headBias;
  for (Index head = 0; head < a.heads; head++) {
    const Index outputs = a.widths[head];
    for (Index x = 0; x < a.side; x++) {
      float* out = map + (place + x) * outputs;
      const float* before = a.accumulate ? out : bias;
      forVectors(outputs, [&](Index j, Index some) {
        const Vector sum = loadUpTo(before + j, some) + loadUpTo(said + x * stride + j, some);
        storeUpTo(out + j, sum, some);
      });
    }
    map += pixels * outputs;
    bias += outputs;
    said += outputs;
  }
}

// A task is one line of the patches of a block of cells, pixel by pixel: few panels of the neck are in use at a time, and what is
// added to a map lies in one piece.
template <class Number>
static int patchHeads(Number number, Runtime& runtime, const PatchHeadsArguments& a) {
  const Index side = a.side, cells = a.lines * a.width, channels = a.channels;
  const Operand pixelFilters{.source = a.neck,
                             .taps = side * side,
                             .k = a.inChannels,
                             .n = channels,
                             .tapStride = channels,
                             .rowStride = side * side * channels,
                             .columnStride = 1};
  const Panels neck = pack<Number>(runtime, pixelFilters, chunkRows);
  Panels head = pack<Number>(runtime, upright(a.head, 1, channels, a.outputs), chunkRows);
  head.n = divideUp(a.outputs, lanes) * lanes;  // whole vectors: panels are filled up with zeros
  const float* rows = wordsAlongRows(number, runtime, a.cells, cells, a.inChannels);
  constexpr Index share = blockTiles * tileRows;
  const Index tasks = divideUp(cells, share) * side, parts = least(tasks, 4 * runtime.threads);
  const Index roomOfCell = channels + side * head.n;
  float* rooms = scratch<float>(runtime, parts, share, roomOfCell);
  if (!neck.data || !head.data || !rows || !rooms) return outOfMemory;
  parallel(runtime, parts, 1.0 * cells * side * side * channels * (a.inChannels + a.outputs), [&](Index part) {
    const TilesInUse inUse{};
    float* pixels = rooms + part * share * roomOfCell;
    float* said = pixels + share * channels;  // [cells, side, head.n]
    for (Index task = tasks * part / parts; task < tasks * (part + 1) / parts; task++) {
      const Index first = task / side * share, y = task % side, count = least(share, cells - first);
      const ProductSize size{.rows = count, .taps = 1};
      for (Index x = 0; x < side; x++) {
        const Index pixel = y * side + x;
        const PixelMap fromCells{{rows + first * neck.k, neck.k, pixels, channels}, pixel};
        productBlock<Number>(fromCells, size, neck, {0, count, 0, neck.count()});
        finishPixels<Number>(pixels, count, channels, a.neckBias + pixel * channels);
        const IdentityMap fromPixels{pixels, channels, said + x * head.n, side * head.n};
        productBlock<Number>(fromPixels, size, head, {0, count, 0, head.count()});
      }
      for (Index i = 0; i < count; i++) addToMaps(a, said + i * side * head.n, head.n, first + i, y);
    }
  });
  return done;
}

static int run(Runtime& runtime, const PatchHeadsArguments& a) {
  return withNumbers(a.precision, [&](auto numbers) { return patchHeads(numbers, runtime, a); });
}

}  // namespace SIMD_VARIANT
