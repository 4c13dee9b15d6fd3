// Packing of the right-hand operand into panels that the tile reads front to back, and the words of the left-hand one.
#pragma once
#include "numbers.h"

namespace SIMD_VARIANT {

// A stack of `taps` matrices [k, n]; element (t, p, j) is source[t·tapStride + p·rowStride + j·columnStride].
struct Operand {
  const float* source;
  Index taps, k, n;
  Index tapStride, rowStride, columnStride;
};

// Matrices [k, n] stored so, or each as its transpose [n, k].
static inline Operand upright(const float* source, Index taps, Index k, Index n) {
  return {.source = source, .taps = taps, .k = k, .n = n, .tapStride = k * n, .rowStride = n, .columnStride = 1};
}
static inline Operand transposed(const float* source, Index taps, Index k, Index n) {
  return {.source = source, .taps = taps, .k = k, .n = n, .tapStride = k * n, .rowStride = 1, .columnStride = k};
}

// Panels of tileColumns columns of words, the last filled up with zeros; the k rows of words are cut into chunks of at most
// `chunk`: [chunk][tap][panel][rows of the chunk][tileColumns].
struct Panels {
  const float* data;
  Index taps, k, n, chunk;

  Index count() const { return divideUp(n, tileColumns); }
  const float* at(Index tap, Index firstRow, Index panel) const {
    const Index rows = least(chunk, k - firstRow);
    return data + (firstRow * taps * count() + (tap * count() + panel) * rows) * tileColumns;
  }
};

static void packPanel(Float32, const Operand& b, Index tap, Index firstRow, Index rows, Index panel, float* out) {
  const Index first = panel * tileColumns;
  const Index columns = least(tileColumns, b.n - first);
  const float* source = b.source + tap * b.tapStride + firstRow * b.rowStride + first * b.columnStride;
  if (b.columnStride == 1 && columns == tileColumns) {
    for (Index p = 0; p < rows; p++)
      for (Index v = 0; v < tileVectors; v++)
        store(out + p * tileColumns + v * lanes, load(source + p * b.rowStride + v * lanes));
    return;
  }
  for (Index j = 0; j < tileColumns; j++) {
    const float* column = source + j * b.columnStride;
    if (j < columns)
      for (Index p = 0; p < rows; p++) out[p * tileColumns + j] = column[p * b.rowStride];
    else
      for (Index p = 0; p < rows; p++) out[p * tileColumns + j] = 0;
  }
}

// Rows of words firstRow..firstRow+rows-1, each of two rows of numbers.
static void packPanel(Bfloat16, const Operand& b, Index tap, Index firstRow, Index rows, Index panel, float* out) {
  const Index first = panel * tileColumns, columns = least(tileColumns, b.n - first);
  float numbers[2 * tileColumns] = {};
  for (Index p = firstRow; p < firstRow + rows; p++, out += tileColumns) {
    for (Index i = 0; i < 2; i++) {
      const float* row = b.source + tap * b.tapStride + (2 * p + i) * b.rowStride + first * b.columnStride;
      for (Index j = 0; j < columns; j++) numbers[i * tileColumns + j] = 2 * p + i < b.k ? row[j * b.columnStride] : 0;
    }
    for (Index j = 0; j < tileColumns; j += lanes)
      store(out + j, Bfloat16::combine(load(numbers + j), load(numbers + tileColumns + j)));
  }
}

// Packs all of `b`; `data` is null when memory ran out.
template <class Number>
static Panels pack(Runtime& runtime, const Operand& b, Index chunk) {
  Panels panels{nullptr, b.taps, Number::words(b.k), b.n, most(chunk, 1)};
  const Index count = panels.count();
  float* data = scratch<float>(runtime, b.taps, panels.k, count, tileColumns);
  panels.data = data;
  if (!data) return panels;
  parallel(runtime, b.taps * count, 4.0 * b.taps * b.k * b.n, [&](Index task) {
    const Index tap = task / count, panel = task % count;
    for (Index p = 0; p < panels.k; p += panels.chunk)
      packPanel(Number{}, b, tap, p, least(panels.chunk, panels.k - p), panel,
                const_cast<float*>(panels.at(tap, p, panel)));
  });
  return panels;
}

// A matrix without entries may lie nowhere, which is not for want of memory.
static const float* placeOf(const float* matrix) {
  static const float nothing = 0;
  return matrix ? matrix : &nothing;
}

// The words of a matrix [rows, columns] as the left-hand operand, pairs along each row: float32 as it lies, bfloat16 in working
// space, null when memory ran out.
static inline const float* wordsAlongRows(Float32, Runtime&, const float* matrix, Index, Index) { return placeOf(matrix); }
static const float* wordsAlongRows(Bfloat16, Runtime& runtime, const float* matrix, Index rows, Index columns) {
  const Index words = Bfloat16::words(columns);
  float* out = scratch<float>(runtime, rows, words);
  if (!out) return nullptr;
  if (columns % 2 == 0) {  // nothing to fill up: one long row, cut anywhere
    constexpr Index share = 4096;
    const Index length = rows * columns;
    parallel(runtime, divideUp(length, share), 8.0 * length, [&](Index task) {
      const Index first = task * share;
      roundRow(matrix + first, least(share, length - first), out + first / 2);
    });
  } else {
    parallel(runtime, rows, 8.0 * rows * columns,
             [&](Index row) { roundRow(matrix + row * columns, columns, out + row * words); });
  }
  return out;
}

// The same with pairs down each column: [words(rows), columns].
static inline const float* wordsDownColumns(Float32, Runtime&, const float* matrix, Index, Index) { return placeOf(matrix); }
static const float* wordsDownColumns(Bfloat16, Runtime& runtime, const float* matrix, Index rows, Index columns) {
  const Index pairs = Bfloat16::words(rows);
  float* out = scratch<float>(runtime, pairs, columns);
  if (!out) return nullptr;
  parallel(runtime, pairs, 8.0 * rows * columns, [&](Index pair) {
    const float* first = matrix + 2 * pair * columns;
    pairRows(first, 2 * pair + 1 < rows ? first + columns : nullptr, columns, out + pair * columns);
  });
  return out;
}

}  // namespace SIMD_VARIANT
