// 3×3 convolution of stride 1 by minimal filtering, F(2×2, 3×3) (Winograd 1980; Lavin and Gray, CVPR 2016): 16 products
// where the plain sum takes 36, exact in exact arithmetic and about as accurate in float32, its factors being 1 and ½.
//
//   4×4 pixels d ──Bᵀ·d·B──▶ V[16] ┐                                               ┌ 2×2 pixels
//                                  ├─ 16 products over the channels ──▶ M[16] ──Aᵀ·M·A─┘
//   3×3 filter g ──G·g·Gᵀ──▶ U[16] ┘
//
// The 4×4 windows overlap by two, their 2×2 results do not. All 16 products are those of the micro-kernel; where they are of
// bfloat16, it is V and U that are rounded, and the transforms before and behind stay float32.
#pragma once
#include "convolution.h"
#include "passes.h"

namespace SIMD_VARIANT {

constexpr Index points = 16;             // of the 4×4 transformed domain
constexpr Index leastChannels = 16;      // below this the transforms cost more than they save
constexpr Index mostChannels = 1024;     // bounds the working space of a task
constexpr Index blockEntries = 6144;     // windows · words of a row per task: 384 KiB of V stay in the second-level cache
constexpr Index mostWindows = 96;        // windows per task
constexpr Index apart = 16;              // floats between the 16 planes, which would else share lines of the cache

// The convolution seen as windows: window (image, i, j) reads 4×4 source pixels from (2i - padTop, 2j - padLeft) on and
// yields target pixels (2i, 2j) to (2i+1, 2j+1).
struct Windows {
  Index batch, sourceHeight, sourceWidth, sourceChannels, targetHeight, targetWidth, targetChannels, padTop, padLeft;
  const float* zeros = nullptr;  // a row for pixels beyond the image

  Index rows() const { return divideUp(targetHeight, 2); }
  Index columns() const { return divideUp(targetWidth, 2); }
  Index count() const { return batch * rows() * columns(); }

  // The 16 source rows of a window.
  void sources(Index window, const float* image, const float** row) const {
    const Index j = window % columns(), i = window / columns() % rows(), b = window / columns() / rows();
    for (Index p = 0; p < points; p++) {
      const Index y = 2 * i - padTop + p / 4, x = 2 * j - padLeft + p % 4;
      const bool inside = y >= 0 && y < sourceHeight && x >= 0 && x < sourceWidth;
      row[p] = inside ? image + ((b * sourceHeight + y) * sourceWidth + x) * sourceChannels : zeros;
    }
  }
  // Offsets of its 4 target rows, -1 beyond the image.
  void targets(Index window, Index* offset) const {
    const Index j = window % columns(), i = window / columns() % rows(), b = window / columns() / rows();
    for (Index p = 0; p < 4; p++) {
      const Index y = 2 * i + p / 2, x = 2 * j + p % 2;
      offset[p] = y < targetHeight && x < targetWidth ? ((b * targetHeight + y) * targetWidth + x) * targetChannels : -1;
    }
  }
};

// The windows that see anything but zeros, in order. Most of a bird's-eye-view map is empty, and its empty windows yield
// zeros and add nothing to a gradient. In a step, where only the first map is sparse, they bring no more than 2 %; they stay
// because partial sums of the filter's gradient are cut at active windows, so that others would have other bits.
struct ActiveWindows {
  const int* window;
  Index count;
};

// Of a dense map the first vector says no.
static inline bool isZero(const float* row, Index n) {
  for (Index c = 0; c < n; c += lanes)
    if (anyOf(loadUpTo(row + c, least(lanes, n - c)) != Vector{})) return false;
  return true;
}

static ActiveWindows findActive(Runtime& runtime, const Windows& windows, const float* source) {
  const Index width = windows.sourceWidth, height = windows.sourceHeight, rows = windows.batch * height;
  bool* occupied = scratch<bool>(runtime, rows, width);
  int* active = scratch<int>(runtime, windows.count());
  if (!occupied || !active) return {nullptr, 0};
  parallel(runtime, rows, 1.0 * rows * width * windows.sourceChannels, [&](Index row) {
    for (Index i = row * width; i < (row + 1) * width; i++)
      occupied[i] = !isZero(source + i * windows.sourceChannels, windows.sourceChannels);
  });
  Index count = 0;
  for (Index window = 0; window < windows.count(); window++) {
    const Index j = window % windows.columns(), i = window / windows.columns();
    const Index x = 2 * j - windows.padLeft, y = 2 * (i % windows.rows()) - windows.padTop;
    const bool* image = occupied + i / windows.rows() * height * width;
    bool any = false;
    for (Index v = most(y, 0); v < least(y + 4, height); v++)
      for (Index h = most(x, 0); h < least(x + 4, width); h++) any |= image[v * width + h];
    if (any) active[count++] = static_cast<int>(window);
  }
  return {active, count};
}

// One axis of each transform; `step` is the distance of neighbours along it.
static inline void transformSource(Vector* d, Index step) {  // Bᵀ, in place
  const Vector a = d[0] - d[2 * step], b = d[step] + d[2 * step];
  const Vector c = d[2 * step] - d[step], e = d[step] - d[3 * step];
  d[0] = a;
  d[step] = b;
  d[2 * step] = c;
  d[3 * step] = e;
}
static inline void transformFilter(const Vector* g, Index from, Vector* u, Index to) {  // G
  const Vector half = broadcast(0.5f), ends = g[0] + g[2 * from];
  u[0] = g[0];
  u[to] = half * (ends + g[from]);
  u[2 * to] = half * (ends - g[from]);
  u[3 * to] = g[2 * from];
}
static inline void transformResult(const Vector* m, Index from, Vector* y, Index to) {  // Aᵀ
  y[0] = m[0] + m[from] + m[2 * from];
  y[to] = m[from] - m[2 * from] - m[3 * from];
}

// V of channels first..last-1 of a window, in words; plane p begins at out + p·plane.
template <class Number>
static void transformWindow(const float* const* rows, Index first, Index last, float* out, Index plane) {
  forVectors(last - first, [&](Index c, Index n) {
    Vector d[points];
#pragma GCC unroll 16
    for (Index p = 0; p < points; p++) d[p] = loadUpTo(rows[p] + first + c, n);
#pragma GCC unroll 4
    for (Index i = 0; i < 4; i++) transformSource(d + i, 4);
#pragma GCC unroll 4
    for (Index i = 0; i < 4; i++) transformSource(d + 4 * i, 1);
#pragma GCC unroll 16
    for (Index p = 0; p < points; p++) Number::storeNumbers(out + p * plane + c / Number::perWord, d[p], n);
  });
}

// U of `lanes` filters whose taps begin at entry i.
static inline void transformFilters(const float* const* taps, Index i, Vector* u) {
  Vector g[9], half[12];
  for (Index t = 0; t < 9; t++) g[t] = load(taps[t] + i);
  for (Index x = 0; x < 3; x++) transformFilter(g + x, 3, half + x, 3);
  for (Index y = 0; y < 4; y++) transformFilter(half + 3 * y, 1, u + 4 * y, 1);
}

// U in panels of words, [panel][point][words of k][tileColumns], of a float32 filter of nine taps packed in one chunk; `turned` by
// half a turn.
template <class Number>
static const float* transformTaps(Runtime& runtime, const Panels& filter, bool turned) {
  const Index rows = Number::words(filter.k), size = rows * tileColumns, count = filter.count();
  float* data = scratch<float>(runtime, count, points, size);
  if (!data) return nullptr;
  parallel(runtime, count, 16.0 * filter.k * filter.n, [&](Index panel) {
    const float* taps[9];
    for (Index t = 0; t < 9; t++) taps[t] = filter.at(turned ? 8 - t : t, 0, panel);
    float* out = data + panel * points * size;
    for (Index row = 0; row < rows; row++)
      for (Index j = 0; j < tileColumns; j += lanes) {
        Vector u[2][points] = {};
        for (Index i = 0, k = row * Number::perWord; i < Number::perWord && k < filter.k; i++, k++)
          transformFilters(taps, k * tileColumns + j, u[i]);
        for (Index p = 0; p < points; p++)
          store(out + p * size + row * tileColumns + j, Number::combine(u[0][p], u[1][p]));
      }
  });
  return data;
}

// Where a convolution writes: pixels of sums, or relu(sum + bias) where there is a bias.
struct WindowTarget {
  float* pixels;
  const float* bias;
};

// `count` windows: V once, then panel by panel M and the pixels made of it.
template <class Number>
static void convolveWindows(const Windows& windows, const float* source, const float* u, const WindowTarget& target,
                            const int* window, Index count) {
  alignas(64) float v[points * (blockEntries + apart)];
  alignas(64) float m[points * mostWindows * tileColumns];
  const Index k = Number::words(windows.sourceChannels), n = windows.targetChannels;
  const Index plane = count * k + apart, plate = count * tileColumns;
  const TilesInUse inUse{};
  for (Index w = 0; w < count; w++) {
    const float* rows[points];
    windows.sources(window[w], source, rows);
    transformWindow<Number>(rows, 0, windows.sourceChannels, v + w * k, plane);
  }
  for (Index panel = 0; panel < divideUp(n, tileColumns); panel++) {
    for (Index p = 0; p < points; p++) {
      const float* weights = u + (panel * points + p) * k * tileColumns;
      for (Index w = 0; w < count; w += tileRows) {
        const Index rows = least(tileRows, count - w);
        const float* a[tileRows];
        float* c[tileRows];
        for (Index r = 0; r < rows; r++) {
          a[r] = v + p * plane + (w + r) * k;
          c[r] = m + p * plate + (w + r) * tileColumns;
        }
        tileOf<Number>(rows, {a, &weights, 1, k}, {c, false});
      }
    }
    const Index column = panel * tileColumns;
    for (Index w = 0; w < count; w++) {
      Index offset[4];
      windows.targets(window[w], offset);
      forVectors(least(tileColumns, n - column), [&](Index j, Index some) {
        Vector d[points], half[8], y[4];
#pragma GCC unroll 16
        for (Index p = 0; p < points; p++) d[p] = load(m + p * plate + w * tileColumns + j);
#pragma GCC unroll 4
        for (Index x = 0; x < 4; x++) transformResult(d + x, 4, half + x, 4);
        for (Index i = 0; i < 2; i++) transformResult(half + 4 * i, 1, y + 2 * i, 1);
        for (Index p = 0; p < 4; p++)
          if (offset[p] >= 0)
            storeUpTo(target.pixels + offset[p] + column + j, finished(y[p], target.bias, column + j, some), some);
      });
    }
  }
}

// target = convolution of source with the filter `operand` [9, sourceChannels, targetChannels].
template <class Number>
static int winograd(Runtime& runtime, const Operand& operand, bool turned, const float* source,
                    const WindowTarget& target, Windows windows) {
  const Panels filter = pack<Float32>(runtime, operand, operand.k);
  float* zeros = scratch<float>(runtime, operand.k);
  const float* u = filter.data && zeros ? transformTaps<Number>(runtime, filter, turned) : nullptr;
  if (!u) return outOfMemory;
  fillZero(zeros, operand.k);
  windows.zeros = zeros;
  const ActiveWindows active = findActive(runtime, windows, source);
  if (!active.window) return outOfMemory;
  const Index total = active.count;
  if (total < windows.count()) {
    const Index pixels = windows.batch * windows.targetHeight * windows.targetWidth, n = operand.n;
    writeMatrix(runtime, target.pixels, n, pixels, n,
                [=](Index, Index c, Index some) { return finished(Vector{}, target.bias, c, some); });
  }
  // As many windows as fit in the cache, in whole tiles where one fits, fewer if threads would else be idle; no sum depends on it.
  const Index fitting = least(mostWindows, blockEntries / Number::words(operand.k));
  Index share = fitting < tileRows ? fitting : fitting / tileRows * tileRows;
  while (share > 2 * tileRows && divideUp(total, share) < 2 * runtime.threads) share -= tileRows;
  parallel(runtime, divideUp(total, share), 4.0 * total * operand.k * operand.n, [&](Index task) {
    convolveWindows<Number>(windows, source, u, target, active.window + task * share,
                            least(share, total - task * share));
  });
  return done;
}

static bool suitsWinograd(const ConvolutionShape& s) {
  const bool plain = s.filterHeight == 3 && s.filterWidth == 3 && s.strideHeight == 1 && s.strideWidth == 1 &&
                     s.dilationHeight == 1 && s.dilationWidth == 1;
  return plain && least(s.inChannels, s.outChannels) >= leastChannels &&
         most(s.inChannels, s.outChannels) <= mostChannels && s.outHeight > 1 && s.outWidth > 1;
}

template <class Number>
static int winogradForward(Number, Runtime& runtime, const float* input, const float* filter, const float* bias,
                           float* out, const ConvolutionShape& s) {
  const Index cin = s.inChannels, cout = s.outChannels;
  const Windows windows{.batch = s.batch,
                        .sourceHeight = s.inHeight,
                        .sourceWidth = s.inWidth,
                        .sourceChannels = cin,
                        .targetHeight = s.outHeight,
                        .targetWidth = s.outWidth,
                        .targetChannels = cout,
                        .padTop = s.padTop,
                        .padLeft = s.padLeft};
  return winograd<Number>(runtime, upright(filter, 9, cin, cout), false, input, {out, bias}, windows);
}

// A convolution of the gradient with the filter turned by half a turn and its channels exchanged.
template <class Number>
static int winogradInputGradient(Number, Runtime& runtime, const float* outGradient, const float* filter,
                                 float* inputGradient, const ConvolutionShape& s) {
  const Index cin = s.inChannels, cout = s.outChannels;
  const Windows windows{.batch = s.batch,
                        .sourceHeight = s.outHeight,
                        .sourceWidth = s.outWidth,
                        .sourceChannels = cout,
                        .targetHeight = s.inHeight,
                        .targetWidth = s.inWidth,
                        .targetChannels = cin,
                        .padTop = 2 - s.padTop,
                        .padLeft = 2 - s.padLeft};
  return winograd<Number>(runtime, transposed(filter, 9, cout, cin), true, outGradient, {inputGradient, nullptr}, windows);
}

}  // namespace SIMD_VARIANT
