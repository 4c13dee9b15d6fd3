// A level of a detector's neck and heads: two products, of which the first one's result never leaves the cache.
//
// Limits. Sums are float32: a pixel is within (k + 5)·2⁻²⁴·(Σ|a||b| + |bias|) of the exact one, a result within
// (channels + 5)·2⁻²⁴ of the sum of magnitudes of what it is made of, and that of its pixels.
#pragma once
#include "product.h"

namespace SIMD_VARIANT {

constexpr Index patchFloats = 1 << 16;  // of pixels that a task holds at a time, in the second-level cache

// Rows are the pixels of consecutive cells, patch after patch; each has its place in the map that they make together.
struct PixelMap {
  const float* pixels;  // of words, `stride` apart
  Index stride, firstCell, width, side;
  float* out;
  Index outputs;

  struct Place {
    Index row, line, x, a, b;  // line and place of the cell, line and place in its patch
  };
  Place locate(Index row) const {
    const Index cell = firstCell + row / (side * side), pixel = row % (side * side);
    return {row, cell / width, cell % width, pixel / side, pixel % side};
  }
  void advance(Place& place) const {
    place.row++;
    if (++place.b < side) return;
    place.b = 0;
    if (++place.a < side) return;
    place.a = 0;
    if (++place.x < width) return;
    place.x = 0;
    place.line++;
  }
  const float* source(const Place& place, Index) const { return pixels + place.row * stride; }
  float* target(const Place& place) const {
    return out + (((place.line * side + place.a) * width + place.x) * side + place.b) * outputs;
  }
  Index weightTap(Index tap) const { return tap; }
};

// Pixels as the left-hand operand of the heads, where they lie: words take no more room than their numbers.
static inline void toWords(Float32, float*, Index) {}
static inline void toWords(Bfloat16, float* pixel, Index channels) { roundRow(pixel, channels, pixel); }

// relu(pixels + bias), where they lie.
static void addBiasRelu(float* pixels, const float* bias, Index count) {
  forVectors(count, [&](Index i, Index some) {
    const Vector sum = loadUpTo(pixels + i, some) + loadUpTo(bias + i, some);
    storeUpTo(pixels + i, positive(sum), some);
  });
}

// Calls block(first, last) for rows of at most as many tiles as a block of a product has.
template <class Block>
static void forBlocksOfRows(Index rows, const Block& block) {
  constexpr Index share = blockTiles * tileRows;
  for (Index row = 0; row < rows; row += share) block(row, least(row + share, rows));
}

template <class Number>
static int patchHeads(Number number, Runtime& runtime, const PatchHeadsArguments& a) {
  const Index patch = a.side * a.side, columns = patch * a.channels, cells = a.lines * a.width;
  const Panels neck = pack<Number>(runtime, upright(a.neck, 1, a.inChannels, columns), chunkRows);
  const Panels head = pack<Number>(runtime, upright(a.head, 1, a.channels, a.outputs), chunkRows);
  const float* rows = wordsAlongRows(number, runtime, a.cells, cells, a.inChannels);
  const Index share = most(tileRows, least(blockTiles * tileRows, patchFloats / most(1, columns)) / tileRows * tileRows);
  const Index blocks = divideUp(cells, share);
  const Index parts = least(blocks, 4 * runtime.threads);
  float* rooms = scratch<float>(runtime, parts, share, columns);
  if (!neck.data || !head.data || !rows || !rooms) return outOfMemory;
  parallel(runtime, parts, 1.0 * cells * columns * (a.inChannels + a.outputs), [&](Index part) {
    const TilesInUse inUse{};
    float* room = rooms + part * share * columns;
    for (Index block = blocks * part / parts; block < blocks * (part + 1) / parts; block++) {
      const Index first = block * share, count = least(share, cells - first);
      const IdentityMap patches{rows + first * neck.k, neck.k, room, columns};
      productBlock<Number>(patches, {.rows = count, .taps = 1}, neck, {0, count, 0, neck.count()});
      for (Index cell = 0; cell < count; cell++) {
        addBiasRelu(room + cell * columns, a.neckBias, columns);
        for (Index pixel = 0; pixel < patch; pixel++) toWords(number, room + (cell * patch + pixel) * a.channels, a.channels);
      }
      const PixelMap pixels{room, a.channels, first, a.width, a.side, a.out, a.outputs};
      forBlocksOfRows(count * patch, [&](Index row0, Index row1) {
        if (!a.accumulate) {
          auto place = pixels.locate(row0);
          for (Index row = row0; row < row1; row++, pixels.advance(place)) {
            float* out = pixels.target(place);
            for (Index j = 0; j < a.outputs; j++) out[j] = a.headBias[j];
          }
        }
        productBlock<Number>(pixels, {.rows = count * patch, .taps = 1, .accumulate = true}, head,
                             {row0, row1, 0, head.count()});
      });
    }
  });
  return done;
}

static int run(Runtime& runtime, const PatchHeadsArguments& a) {
  return withNumbers(a.precision, [&](auto numbers) { return patchHeads(numbers, runtime, a); });
}

}  // namespace SIMD_VARIANT
