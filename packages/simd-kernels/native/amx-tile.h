// The micro-kernel by AMX: tiles are registers of 16 rows of 64 bytes, and one instruction multiplies two of them. Products of
// bfloat16 alone; all else of a library with AMX is that of AVX-512 (variants.h).
//
// Bits differ from those of other instruction sets. Up to 32 neighbouring numbers along k meet in one instruction: of each pair
// the first numbers join one sum and the second numbers another, both from 0, by multiply-adds rounded once; then the two are added,
// and what comes is added to C. Everything is rounded to nearest even and, below 2⁻¹²⁶, to zero (Intel SDM, TDPBF16PS).
#pragma once
#include "numbers.h"
#include "prefetch.h"
#include "tile-operands.h"
#ifndef SIMD_EMULATED_TILES  // else the program has them: test/emulated-tiles.h
#include "tile-instructions.h"
#endif

namespace SIMD_VARIANT {

constexpr Index tileWords = 16;  // of a row of A, and rows of B: most words along k of one multiplication
constexpr Size rowBytes = tileWords * sizeof(float);
static_assert(lanes * sizeof(float) == rowBytes && tileRows <= 16 && tileVectors == 2);

// Numbers of the tiles: one of C and of B for each vector of a panel, one of A. A multiplication takes a cycle for each row of A, so
// that tiles of fewer rows than there could be cost nothing.
constexpr int tileOfA = 2, tileOfB = 3;

// What LDTILECFG reads (Intel SDM).
struct TileShapes {
  unsigned char palette, startRow, reserved[14];
  unsigned short rowBytes[16];
  unsigned char rows[16];
};
constexpr TileShapes tileShapes{.palette = 1,
                                .startRow = 0,
                                .reserved = {},
                                .rowBytes = {rowBytes, rowBytes, rowBytes, rowBytes, rowBytes},
                                .rows = {tileRows, tileRows, tileRows, tileWords, tileWords}};
static_assert(sizeof(TileShapes) == 64);

// Lets its thread use tiles for as long as it lives. Not longer: other libraries of the process set the same registers, and the
// operating system saves those in use at every switch between threads.
struct TilesInUse {
  TilesInUse() { TileInstructions::configure(&tileShapes); }
  ~TilesInUse() { TileInstructions::release(); }
  TilesInUse(const TilesInUse&) = delete;
};

// A row of A: `words` words, and zeros behind them.
static inline void copyWords(const float* row, Index step, Index words, float* out) {
  if (step == 1) return store(out, loadUpTo(row, words));
  for (Index i = 0; i < words; i++) out[i] = row[i * step];
  for (Index i = words; i < tileWords; i++) out[i] = 0;
}

// `tile` (tile.h) for 1 ≤ rows ≤ tileRows.
//
//   rows of A ──copy──▶ A [tileRows, 16 words] ┐
//                                              ├─ one instruction for each vector ─▶ C [tileRows, 16]
//   panel, 16 rows of words ─────────▶ B [16, 16 words] ┘
//
// The words of a panel lie as B wants them. Rows of A lie anywhere and go through the first-level cache; so does the end of a panel,
// filled up with zeros, as what lies behind it need not be a number.
template <Index Vectors>
static void amxTile(Index rows, const TileOperands& operands, const TileTarget& target) {
  using Instructions = TileInstructions;
  const auto [a, b, taps, k, step] = operands;
  const auto [c, accumulate] = target;
  if (accumulate)  // asked for now, needed after the multiplications
    for (Index r = 0; r < rows; r++) requestTarget(c[r], Vectors * lanes);
  alignas(64) float left[tileRows * tileWords] = {};
  alignas(64) float right[tileWords * tileColumns];
  alignas(64) float sums[tileRows * tileColumns];
  constexpr Size panelBytes = tileColumns * sizeof(float);
  Instructions::zero<0>();
  if constexpr (Vectors == 2) Instructions::zero<1>();
  for (Index t = 0; t < taps; t++)
    for (Index p = 0; p < k; p += tileWords) {
      const Index words = least(tileWords, k - p);
      for (Index r = 0; r < rows; r++) copyWords(a[t * tileRows + r] + p * step, step, words, left + r * tileWords);
      const float* panel = b[t] + p * tileColumns;
      if (words < tileWords) {
        for (Index i = 0; i < words * tileColumns; i += lanes) store(right + i, load(panel + i));
        fillZero(right + words * tileColumns, (tileWords - words) * tileColumns);
        panel = right;
      }
      Instructions::load<tileOfA>(left, rowBytes);
      Instructions::load<tileOfB>(panel, panelBytes);
      Instructions::multiply<0, tileOfA, tileOfB>();
      if constexpr (Vectors == 2) {
        Instructions::load<tileOfB + 1>(panel + lanes, panelBytes);
        Instructions::multiply<1, tileOfA, tileOfB + 1>();
      }
    }
  Instructions::store<0>(sums, panelBytes);
  if constexpr (Vectors == 2) Instructions::store<1>(sums + lanes, panelBytes);
  for (Index r = 0; r < rows; r++)
    for (Index v = 0; v < Vectors; v++) {
      const Vector sum = load(sums + r * tileColumns + v * lanes);
      float* to = c[r] + v * lanes;
      store(to, accumulate ? load(to) + sum : sum);
    }
}

}  // namespace SIMD_VARIANT
