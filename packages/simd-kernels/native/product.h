// Products whose result rows are dense: matrix product, 2D convolution and its input gradient, distances of rows.
#pragma once
#include "pack.h"
#include "tile.h"

namespace SIMD_VARIANT {

constexpr Index chunkRows = 256;   // of k per pass, in words: a panel of 256 × tileColumns stays in the first-level cache
constexpr Index groupTaps = 16;    // most taps per pass: bounds the table of row pointers
constexpr Index blockTiles = 8;    // most tiles of rows per task, which share a panel while it is in the cache

// How `product` finds its rows. Map offers
//   Place locate(Index row)                         what the rows of one tile need, once for all taps
//   void advance(Place&)                            to the place of the next row
//   const float* source(const Place&, Index tap)    row of A under a tap, of words
//   float* target(const Place&)                     row of C
//   Index weightTap(Index tap)                      which tap of the packed operand belongs to it
struct ProductSize {
  Index rows, taps;
  Index step = 1;              // distance of neighbouring entries of a row of A
  bool accumulate = false;     // add to C
  bool upperTriangle = false;  // skip tiles that lie wholly below the diagonal
  const float* bias = nullptr;  // C becomes relu(C + bias)
};

// Rows row0..row1-1 and panels panel0..panel1-1 of the result, which one task computes.
struct ProductBlock {
  Index row0, row1, panel0, panel1;
};

template <class Number, class Map>
static void productBlock(const Map& map, const ProductSize& size, const Panels& b, const ProductBlock& block) {
  const auto [row0, row1, panel0, panel1] = block;
  const TilesInUse inUse{};
  typename Map::Place places[blockTiles * tileRows];
  const float* sources[blockTiles * tileRows * groupTaps];  // [tile][tap][row]
  float* targets[blockTiles * tileRows];
  const Index tiles = divideUp(row1 - row0, tileRows);
  typename Map::Place place = map.locate(row0);
  for (Index row = 0; row < row1 - row0; row++, map.advance(place)) {
    places[row] = place;
    targets[row] = map.target(place);
  }
  bool accumulate = size.accumulate;
  for (Index k0 = 0; k0 < b.k; k0 += b.chunk) {
    const Index k = least(b.chunk, b.k - k0);
    const Index group = most(1, least(groupTaps, chunkRows / k));
    for (Index tap0 = 0; tap0 < size.taps; tap0 += group) {
      const Index taps = least(group, size.taps - tap0);
      for (Index row = 0; row < row1 - row0; row++)
        for (Index t = 0; t < taps; t++)
          sources[(row / tileRows * taps + t) * tileRows + row % tileRows] =
              map.source(places[row], tap0 + t) + k0 * size.step;
      for (Index panel = panel0; panel < panel1; panel++) {
        const Index column = panel * tileColumns;
        const float* weights[groupTaps];
        for (Index t = 0; t < taps; t++) weights[t] = b.at(map.weightTap(tap0 + t), k0, panel);
        for (Index i = 0; i < tiles; i++) {
          const Index first = i * tileRows;
          if (size.upperTriangle && column + tileColumns <= row0 + first) break;
          const Index rows = least(tileRows, row1 - row0 - first);
          float* out[tileRows];
          for (Index r = 0; r < rows; r++) out[r] = targets[first + r] + column;
          edgeTile<Number>(rows, least(tileColumns, b.n - column), {sources + first * taps, weights, taps, k, size.step},
                           {out, accumulate});
        }
      }
      accumulate = true;
    }
  }
  if (!accumulate)  // no tap or no k: an empty sum
    for (Index row = 0; row < row1 - row0; row++) fillZero(targets[row], b.n);
  if (size.bias) {
    const Index first = panel0 * tileColumns, last = least(panel1 * tileColumns, b.n);
    for (Index row = 0; row < row1 - row0; row++)
      forVectors(last - first, [&](Index j, Index some) {
        float* c = targets[row] + first + j;
        storeUpTo(c, finished(loadUpTo(c, some), size.bias, first + j, some), some);
      });
  }
}

// All rows of C. Blocks shrink until there is work for every thread; no element's sum depends on the blocks.
template <class Number, class Map>
static void product(Runtime& runtime, const Map& map, const ProductSize& size, const Panels& b) {
  Index tiles = blockTiles;
  while (tiles > 2 && divideUp(size.rows, tiles * tileRows) < 4 * runtime.threads) tiles /= 2;
  const Index blockRows = tiles * tileRows;
  const Index blocks = divideUp(size.rows, blockRows);
  const Index panels = b.count();
  const Index parts = blocks >= 2 * runtime.threads ? 1 : least(panels, divideUp(2 * runtime.threads, most(1, blocks)));
  if (parts == 0) return;
  const Index share = divideUp(panels, parts);
  parallel(runtime, blocks * parts, 1.0 * size.rows * size.taps * b.k * b.n, [&](Index task) {
    const Index row = task / parts * blockRows, panel = task % parts * share;
    productBlock<Number>(map, size, b, {row, least(row + blockRows, size.rows), panel, least(panel + share, panels)});
  });
}

// Row i of A and of C is row i.
struct IdentityMap {
  const float* a;
  Index stride;
  float* c;
  Index columns;

  using Place = Index;
  Place locate(Index row) const { return row; }
  void advance(Place& place) const { place++; }
  const float* source(const Place& place, Index) const { return a + place * stride; }
  float* target(const Place& place) const { return c + place * columns; }
  Index weightTap(Index tap) const { return tap; }
};

}  // namespace SIMD_VARIANT
