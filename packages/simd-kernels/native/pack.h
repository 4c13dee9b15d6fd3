// Packing of the right-hand operand into panels that the tile reads front to back.
#pragma once
#include "vector.h"

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

// Panels of tileColumns columns, the last filled up with zeros; k is cut into chunks of at most `chunk` rows:
// [chunk][tap][panel][rows of the chunk][tileColumns].
struct Panels {
  const float* data;
  Index taps, k, n, chunk;

  Index count() const { return divideUp(n, tileColumns); }
  const float* at(Index tap, Index firstRow, Index panel) const {
    const Index rows = least(chunk, k - firstRow);
    return data + (firstRow * taps * count() + (tap * count() + panel) * rows) * tileColumns;
  }
};

static void packPanel(const Operand& b, Index tap, Index firstRow, Index rows, Index panel, float* out) {
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

// Packs all of `b`; `data` is null when memory ran out.
static Panels pack(Runtime& runtime, const Operand& b, Index chunk) {
  Panels panels{nullptr, b.taps, b.k, b.n, most(chunk, 1)};
  const Index count = panels.count();
  float* data = scratch<float>(runtime, b.taps, b.k, count, tileColumns);
  panels.data = data;
  if (!data) return panels;
  parallel(runtime, b.taps * count, 4.0 * b.taps * b.k * b.n, [&](Index task) {
    const Index tap = task / count, panel = task % count;
    for (Index p = 0; p < b.k; p += panels.chunk)
      packPanel(b, tap, p, least(panels.chunk, b.k - p), panel, const_cast<float*>(panels.at(tap, p, panel)));
  });
  return panels;
}

}  // namespace SIMD_VARIANT
