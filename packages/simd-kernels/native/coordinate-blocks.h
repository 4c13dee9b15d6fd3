// Samples that are the columns of [dims, samples], as the channels of a channels-last map are: blocks of their
// coordinates turned so that the part of each sample lies in one piece.
#pragma once
#include "columns.h"

namespace SIMD_VARIANT {

constexpr Index turnedDims = 32;  // coordinates of a turned block: 128 samples of it fill half of a first-level cache

#ifdef SIMD_SHUFFLE
// a[0] b[0] a[1] b[1] …: the first and the second half of two vectors, interleaved.
#if SIMD_LANES == 16
static inline Vector zipLow(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
static inline Vector zipHigh(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
#elif SIMD_LANES == 8
static inline Vector zipLow(Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
static inline Vector zipHigh(Vector a, Vector b) { return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
#else
static inline Vector zipLow(Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
static inline Vector zipHigh(Vector a, Vector b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
#endif
#endif

// to[j·toStride + i] = from[i·fromStride + j] for i, j < lanes.
static inline void turnSquare(const float* from, Index fromStride, float* to, Index toStride) {
#ifdef SIMD_SHUFFLE
  Vector row[lanes];
#pragma GCC unroll 16
  for (Index i = 0; i < lanes; i++) row[i] = load(from + i * fromStride);
  // interleaving rows i and i + lanes/2 moves one bit of the row number into the column number
#pragma GCC unroll 4
  for (Index stage = 1; stage < lanes; stage *= 2) {
    Vector next[lanes];
#pragma GCC unroll 8
    for (Index i = 0; i < lanes / 2; i++) {
      next[2 * i] = zipLow(row[i], row[i + lanes / 2]);
      next[2 * i + 1] = zipHigh(row[i], row[i + lanes / 2]);
    }
#pragma GCC unroll 16
    for (Index i = 0; i < lanes; i++) row[i] = next[i];
  }
#pragma GCC unroll 16
  for (Index i = 0; i < lanes; i++) store(to + i * toStride, row[i]);
#else
  for (Index i = 0; i < lanes; i++)
    for (Index j = 0; j < lanes; j++) to[j * toStride + i] = from[i * fromStride + j];
#endif
}

// to[c][r] = from[r][c] for r < rows, c < columns; matrices with rows `fromStride` and `toStride` apart.
template <class T>
static void turn(const T* from, Index fromStride, Index rows, Index columns, T* to, Index toStride) {
  Index r = 0;
  if constexpr (sizeof(T) == sizeof(float)) {
    for (; r + lanes <= rows; r += lanes) {
      Index c = 0;
      for (; c + lanes <= columns; c += lanes)
        turnSquare(from + r * fromStride + c, fromStride, to + c * toStride + r, toStride);
      for (; c < columns; c++)
        for (Index i = 0; i < lanes; i++) to[c * toStride + r + i] = from[(r + i) * fromStride + c];
    }
  }
  for (; r < rows; r++)
    for (Index c = 0; c < columns; c++) to[c * toStride + r] = from[r * fromStride + c];
}

// Coordinates cut into `count` parts of whole blocks, as equal as they get.
struct Parts {
  Index dims, block, count;
  Index begin(Index part) const { return least(dims, divideUp(dims, block) * part / count * block); }
};

}  // namespace SIMD_VARIANT
