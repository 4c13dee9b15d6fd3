// The micro-kernel: a register-blocked tile of C, whose rows and those of A are addressed one by one.
#pragma once
#include "numbers.h"
#include "prefetch.h"
#include "tile-operands.h"
#if defined(__AMX_BF16__)
#include "amx-tile.h"
#endif

namespace SIMD_VARIANT {

#if !defined(__AMX_BF16__)
// What a thread has to hold while it calls `tile`: nothing, but for AMX.
struct [[maybe_unused]] TilesInUse {};
#endif

//  C[r][0..Vectors·lanes) (+)= Σ over taps t, p < k of  a[t·tileRows + r][p·step] · b[t][p·tileColumns + 0..)
//
//        b[t]: packed panel [k, tileColumns]
//        ┌────────────────┐
//   a ──▶│ broadcast × row│  the whole tile stays in registers over all taps and k
//        └────────────────┘
// Every element is one chain of multiply-adds in order of (t, p), whatever `Rows` and `Vectors` are: a tile at the edge
// gives the same bits as a full one. AMX has another order (amx-tile.h), and the same bits at edges, too.
template <class Number, Index Rows, Index Vectors>
static void tile(const TileOperands& operands, const TileTarget& target) {
  const auto [a, b, taps, k, step] = operands;
  const auto [c, accumulate] = target;
  if (accumulate)  // asked for now, needed after the multiplications
#pragma GCC unroll 16
    for (Index r = 0; r < Rows; r++) requestTarget(c[r], Vectors * lanes);
  Vector sum[Rows][Vectors] = {};
  for (Index t = 0; t < taps; t++) {
    const float* row[Rows];
#pragma GCC unroll 16
    for (Index r = 0; r < Rows; r++) row[r] = a[t * tileRows + r];
    const float* panel = b[t];
    const auto addProducts = [&](Index i) __attribute__((always_inline)) {
      Vector w[Vectors];
#pragma GCC unroll 4
      for (Index v = 0; v < Vectors; v++) w[v] = load(panel + v * lanes);
#pragma GCC unroll 16
      for (Index r = 0; r < Rows; r++) {
        const Vector x = Number::spread(row[r] + i);
#pragma GCC unroll 4
        for (Index v = 0; v < Vectors; v++) sum[r][v] = Number::addProducts(sum[r][v], x, w[v]);
      }
      panel += tileColumns;
    };
#ifdef __wasm__
    // Indices of 32 bits have to be added and shifted for every address; pointers are addresses.
    for (const float* end = panel + k * tileColumns; panel != end;) {
      addProducts(0);
#pragma GCC unroll 16
      for (Index r = 0; r < Rows; r++) row[r] += step;
    }
#else
    for (Index p = 0, i = 0; p < k; p++, i += step) addProducts(i);
#endif
  }
  if (accumulate) {
#pragma GCC unroll 16
    for (Index r = 0; r < Rows; r++)
#pragma GCC unroll 4
      for (Index v = 0; v < Vectors; v++) store(c[r] + v * lanes, load(c[r] + v * lanes) + sum[r][v]);
  } else {
#pragma GCC unroll 16
    for (Index r = 0; r < Rows; r++)
#pragma GCC unroll 4
      for (Index v = 0; v < Vectors; v++) store(c[r] + v * lanes, sum[r][v]);
  }
}

// `tile` for 1 ≤ rows ≤ tileRows.
template <class Number, Index Vectors = tileVectors, Index Rows = tileRows>
static inline void tileOf(Index rows, const TileOperands& operands, const TileTarget& target) {
#if defined(__AMX_BF16__)
  static_assert(Number::perWord == 2);
  amxTile<Vectors>(rows, operands, target);
#else
  if (rows == Rows) return tile<Number, Rows, Vectors>(operands, target);
  if constexpr (Rows > 1) tileOf<Number, Vectors, Rows - 1>(rows, operands, target);
#endif
}

// `tile` for any number of rows and columns up to the full tile: nothing outside of them is read or written. Few columns
// take no more vectors than they fill: 1 % of second-mini's step with AVX-512 (two EPYC cores, 2026-11-28), more where most rows
// have 16 channels.
template <class Number, Index Vectors = tileVectors>
static void edgeTile(Index rows, Index columns, const TileOperands& operands, const TileTarget& target) {
  if constexpr (Vectors > 1)
    if (columns <= (Vectors - 1) * lanes) return edgeTile<Number, Vectors - 1>(rows, columns, operands, target);
  if (columns == Vectors * lanes) return tileOf<Number, Vectors>(rows, operands, target);
  const auto [c, accumulate] = target;
  float buffer[tileRows * tileColumns];
  float* row[tileRows];
  for (Index r = 0; r < tileRows; r++) row[r] = buffer + r * tileColumns;
  tileOf<Number, Vectors>(rows, operands, {row, false});
  for (Index r = 0; r < rows; r++)
    for (Index j = 0; j < columns; j++) c[r][j] = accumulate ? c[r][j] + row[r][j] : row[r][j];
}

}  // namespace SIMD_VARIANT
