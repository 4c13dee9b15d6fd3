// Samples that are the columns of [dims, samples], as the channels of a channels-last map are: blocks of their
// coordinates turned so that the part of each sample lies in one piece.
#pragma once
#include "columns.h"

namespace SIMD_VARIANT {

constexpr Index turnedDims = 32;  // coordinates of a turned block: 128 samples of it fill half of a first-level cache

#ifdef SIMD_SHUFFLE
typedef float UnalignedQuad __attribute__((vector_size(16), aligned(4), may_alias));

// A vector of quads, and in each of its quads a[0] b[0] a[1] b[1] or a[2] b[2] a[3] b[3]: no entry leaves its quad, which
// would cost several times as much.
#if SIMD_LANES == 16
static inline Vector joined(const Quad* q) {
  const auto low = __builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 4, 5, 6, 7);
  const auto high = __builtin_shufflevector(q[2], q[3], 0, 1, 2, 3, 4, 5, 6, 7);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
static inline Vector zipLow(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
}
static inline Vector zipHigh(Vector a, Vector b) {
  return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
}
#elif SIMD_LANES == 8
static inline Vector joined(const Quad* q) { return __builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 4, 5, 6, 7); }
static inline Vector zipLow(Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13); }
static inline Vector zipHigh(Vector a, Vector b) { return __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15); }
#else
static inline Vector joined(const Quad* q) { return q[0]; }
static inline Vector zipLow(Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
static inline Vector zipHigh(Vector a, Vector b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
#endif
#endif

// to[j·toStride + i] = from[i·fromStride + j] for i, j < lanes. In quads the edge gradient takes 40 % less time, the neighbours
// up to 15 %: 1 to 1.5 % of second-mini's step with the loss (two EPYC cores, 2026-11-28).
static inline void turnSquare(const float* from, Index fromStride, float* to, Index toStride) {
#ifdef SIMD_SHUFFLE
  constexpr Index quads = lanes / 4;
#pragma GCC unroll 4
  for (Index column = 0; column < lanes; column += 4) {
    Vector row[4];  // quad q of row[i] is a part of row 4·q + i, so that four by four entries turn inside each quad
#pragma GCC unroll 4
    for (Index i = 0; i < 4; i++) {
      Quad part[quads];
#pragma GCC unroll 4
      for (Index q = 0; q < quads; q++)
        part[q] = *reinterpret_cast<const UnalignedQuad*>(from + (4 * q + i) * fromStride + column);
      row[i] = joined(part);
    }
    const Vector even[2] = {zipLow(row[0], row[2]), zipHigh(row[0], row[2])};
    const Vector odd[2] = {zipLow(row[1], row[3]), zipHigh(row[1], row[3])};
#pragma GCC unroll 2
    for (Index j = 0; j < 2; j++) {
      store(to + (column + 2 * j) * toStride, zipLow(even[j], odd[j]));
      store(to + (column + 2 * j + 1) * toStride, zipHigh(even[j], odd[j]));
    }
  }
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
