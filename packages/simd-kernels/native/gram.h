// Gram matrix of samples that are columns: one pass over the rows centres, packs and multiplies them.
#pragma once
#include "coordinate-blocks.h"
#include "tile.h"

namespace SIMD_VARIANT {

constexpr Index gramRows = 128;  // rows per float32 sum, sums of more are float64; two panels fit the first-level cache

// Row minus its mean over the samples, in panels of tileColumns samples, [panel][gramRows][tileColumns], the last filled
// up with zeros. Taking any one value from all samples changes no distance; the mean makes the products small.
template <class T>
static void packCentred(const T* x, Index samples, Index rows, float* out) {
  typedef T Lanes __attribute__((vector_size(lanes * sizeof(T)), aligned(sizeof(T)), may_alias));
  for (Index p = 0; p < rows; p++, x += samples) {
    Lanes sum = {};  // g++ 12 adds an array of as many entries one by one
    Index c = 0;
    for (; c + lanes <= samples; c += lanes) sum += *reinterpret_cast<const Lanes*>(x + c);
    for (; c < samples; c++) sum[0] += x[c];
    T mean = 0;
    for (Index i = 0; i < lanes; i++) mean += sum[i];
    mean /= static_cast<T>(samples);
    float* to = out + p * tileColumns;
    for (c = 0; c + tileColumns <= samples; c += tileColumns, to += gramRows * tileColumns)
      for (Index i = 0; i < tileColumns; i++) to[i] = static_cast<float>(x[c + i] - mean);
    if (c < samples)
      for (Index i = 0; i < tileColumns; i++) to[i] = c + i < samples ? static_cast<float>(x[c + i] - mean) : 0;
  }
}

// sums[i][j] += Σ over rows of a_i · a_j for i ≤ j (and some below the diagonal). The packed panels serve as both operands:
// entry (row, sample) is a broadcast of the one and part of a vector of the other.
static void addGram(const float* packed, Index samples, Index rows, double* sums) {
  const Index stride = divideUp(samples, tileColumns) * tileColumns;
  float products[tileRows * tileColumns];
  float* out[tileRows];
  for (Index r = 0; r < tileRows; r++) out[r] = products + r * tileColumns;
  for (Index column = 0; column < samples; column += tileColumns) {
    const float* panel = packed + column * gramRows;
    const Index end = least(samples, column + tileColumns);
    for (Index first = 0; first < end; first += tileRows) {
      const Index count = least(tileRows, end - first);
      const float* a[tileRows];
      for (Index r = 0; r < count; r++) {
        const Index sample = first + r;
        a[r] = packed + sample / tileColumns * tileColumns * gramRows + sample % tileColumns;
      }
      tileOf<Float32>(count, {a, &panel, 1, rows, tileColumns}, {out, false});
      for (Index r = 0; r < count; r++)
        for (Index j = 0; j < tileColumns; j += half)
          addTo(sums + (first + r) * stride + column + j, widen(loadHalf(out[r] + j)));
    }
  }
}

// Upper triangle of the Gram matrix of x[dims, samples], one float64 matrix per part: sums[part][samples][stride].
template <class T>
static void partGrams(Runtime& runtime, const T* x, Index samples, const Parts& parts, float* packed, double* sums) {
  const Index stride = divideUp(samples, tileColumns) * tileColumns;
  parallel(runtime, parts.count, 0.5 * parts.dims * samples * samples, [&](Index part) {
    double* own = sums + part * samples * stride;
    float* room = packed + part * gramRows * stride;
    for (Index i = 0; i < samples * stride; i++) own[i] = 0;
    for (Index d = parts.begin(part); d < parts.begin(part + 1); d += gramRows) {
      const Index rows = least(gramRows, parts.begin(part + 1) - d);
      packCentred(x + d * samples, samples, rows, room);
      addGram(room, samples, rows, own);
    }
  });
}

}  // namespace SIMD_VARIANT
