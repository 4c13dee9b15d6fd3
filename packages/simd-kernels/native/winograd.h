// 3×3 convolution of stride 1 by minimal filtering, F(2×2, 3×3) (Winograd 1980; Lavin and Gray, CVPR 2016): 16 products
// where the plain sum takes 36, exact in exact arithmetic and about as accurate in float32, its factors being 1 and ½.
//
//   4×4 pixels d ──Bᵀ·d·B──▶ V[16] ┐                                               ┌ 2×2 pixels
//                                  ├─ 16 products over the channels ──▶ M[16] ──Aᵀ·M·A─┘
//   3×3 filter g ──G·g·Gᵀ──▶ U[16] ┘
//
// The 4×4 windows overlap by two, their 2×2 results do not. All 16 products are those of the micro-kernel. The gradient
// to the filter is the transpose of the same chain: Gᵀ·(Σ V ⊙ A·y·Aᵀ)·G.
#pragma once
#include "convolution.h"
#include "mapped-product.h"

namespace SIMD_VARIANT {

constexpr Index points = 16;             // of the 4×4 transformed domain
constexpr Index leastChannels = 16;      // below this the transforms cost more than they save
constexpr Index mostChannels = 1024;     // bounds the working space of a task
constexpr Index blockEntries = 6144;     // windows · channels per task: 384 KiB of V stay in the second-level cache
constexpr Index mostWindows = 96;        // windows per task
constexpr Index gradientWindows = 64;    // windows per step of the filter's gradient; partial sums are added up there
constexpr Index rowsAtOnce = 2;          // rows of points per task of the filter's gradient
constexpr Index gradientChannels = 128;  // most source channels per task of the filter's gradient
constexpr Index ahead = 4;               // windows between asking for their rows and using them
constexpr Index apart = 16;              // floats between the 16 planes, which would else share lines of the cache

// The convolution seen as windows: window (image, i, j) reads 4×4 source pixels from (2i - padTop, 2j - padLeft) on and
// yields target pixels (2i, 2j) to (2i+1, 2j+1).
struct Windows {
  Index batch, sourceHeight, sourceWidth, sourceChannels, targetHeight, targetWidth, targetChannels, padTop, padLeft;
  const float* zeros;  // a row for pixels beyond the image

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
// zeros and add nothing to a gradient.
struct ActiveWindows {
  const int* window;
  Index count;
};

static inline bool isZero(const float* row, Index n) {
  if (n > 0 && row[0] != 0) return false;  // the usual case of a dense map
  bool other = false;
  for (Index c = 0; c < n; c++) other |= row[c] != 0;
  return !other;
}

static ActiveWindows findActive(Runtime& runtime, const Windows& windows, const float* source) {
  const Index width = windows.sourceWidth, height = windows.sourceHeight, rows = windows.batch * height;
  bool* occupied = scratch<bool>(runtime, rows * width);
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
static inline void spreadGradient(Vector a, Vector b, Vector* z) {  // A, of a row of two
  z[0] = a;
  z[1] = a + b;
  z[2] = a - b;
  z[3] = -b;
}
static inline void gatherGradient(const Vector* u, Index from, Vector* g, Index to) {  // Gᵀ
  const Vector half = broadcast(0.5f);
  g[0] = u[0] + half * (u[from] + u[2 * from]);
  g[to] = half * (u[from] - u[2 * from]);
  g[2 * to] = half * (u[from] + u[2 * from]) + u[3 * from];
}

// V of channels first..last-1 of a window; plane p begins at out + p·plane.
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
    for (Index p = 0; p < points; p++) storeUpTo(out + p * plane + c, d[p], n);
  });
}

// U in panels, [panel][point][k][tileColumns], of a filter of nine taps packed in one chunk; `turned` by half a turn.
static const float* transformTaps(Runtime& runtime, const Panels& filter, bool turned) {
  const Index size = filter.k * tileColumns, count = filter.count();
  float* data = scratch<float>(runtime, count * points * size);
  if (!data) return nullptr;
  parallel(runtime, count, 16.0 * filter.k * filter.n, [&](Index panel) {
    const float* taps[9];
    for (Index t = 0; t < 9; t++) taps[t] = filter.at(turned ? 8 - t : t, 0, panel);
    float* out = data + panel * points * size;
    for (Index i = 0; i < size; i += lanes) {
      Vector g[9], half[12], u[points];
      for (Index t = 0; t < 9; t++) g[t] = load(taps[t] + i);
      for (Index x = 0; x < 3; x++) transformFilter(g + x, 3, half + x, 3);
      for (Index y = 0; y < 4; y++) transformFilter(half + 3 * y, 1, u + 4 * y, 1);
      for (Index p = 0; p < points; p++) store(out + p * size + i, u[p]);
    }
  });
  return data;
}

// `count` windows: V once, then panel by panel M and the pixels made of it.
static void convolveWindows(const Windows& windows, const float* source, const float* u, float* target,
                            const int* window, Index count) {
  alignas(64) float v[points * (blockEntries + apart)];
  alignas(64) float m[points * mostWindows * tileColumns];
  const Index k = windows.sourceChannels, n = windows.targetChannels;
  const Index plane = count * k + apart, plate = count * tileColumns;
  for (Index w = 0; w < count; w++) {
    const float* rows[points];
    windows.sources(window[w], source, rows);
    transformWindow(rows, 0, k, v + w * k, plane);
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
        tileOf(rows, a, &weights, 1, k, 1, c, false);
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
          if (offset[p] >= 0) storeUpTo(target + offset[p] + column + j, y[p], some);
      });
    }
  }
}

// target = convolution of source with the filter `operand` [9, sourceChannels, targetChannels].
static int winograd(Runtime& runtime, const Operand& operand, bool turned, const float* source, float* target,
                    Windows windows) {
  const Panels filter = pack(runtime, operand, operand.k);
  float* zeros = scratch<float>(runtime, operand.k);
  const float* u = filter.data && zeros ? transformTaps(runtime, filter, turned) : nullptr;
  if (!u) return outOfMemory;
  fillZero(zeros, operand.k);
  windows.zeros = zeros;
  const ActiveWindows active = findActive(runtime, windows, source);
  if (!active.window) return outOfMemory;
  const Index total = active.count;
  if (total < windows.count()) {
    const Index rows = windows.batch * windows.targetHeight, length = windows.targetWidth * operand.n;
    parallel(runtime, rows, 8.0 * rows * length, [&](Index row) { fillZero(target + row * length, length); });
  }
  // As many windows as fit in the cache, fewer if threads would else be idle; no sum depends on it.
  Index share = least(mostWindows, blockEntries / operand.k) / tileRows * tileRows;
  while (share > 2 * tileRows && divideUp(total, share) < 2 * runtime.threads) share -= tileRows;
  parallel(runtime, divideUp(total, share), 4.0 * total * operand.k * operand.n, [&](Index task) {
    convolveWindows(windows, source, u, target, active.window + task * share,
                    least(share, total - task * share));
  });
  return done;
}

// A row i of Bᵀ·d and of A·y is a sum of two rows with these factors.
struct RowOfTwo {
  Index first, second;
  float factor, other;
};
constexpr RowOfTwo sourceRows[4] = {{0, 2, 1, -1}, {1, 2, 1, 1}, {2, 1, 1, -1}, {1, 3, 1, -1}};
constexpr RowOfTwo gradientRows[4] = {{0, 1, 1, 0}, {0, 1, 1, 1}, {0, 1, 1, -1}, {0, 1, 0, -1}};

// Of the filter's gradient: rowsAtOnce rows of points from `row` on, channels channel0..channel0+channels-1 of the
// source.
struct GradientPart {
  Index row, channel0, channels;
};

// Σ V ⊙ A·y·Aᵀ over the active windows, in their order, into sums[panel][point][sourceChannels][tileColumns].
static void sumWindows(const Windows& windows, const ActiveWindows& active, const float* source, const float* gradient,
                       const GradientPart& part, float* sums) {
  constexpr Index planes = 4 * rowsAtOnce;
  alignas(64) float left[planes * (gradientWindows * gradientChannels + apart)];
  alignas(64) float right[planes * (gradientWindows * tileColumns + apart)] = {};
  const auto [row, channel0, channels] = part;
  const Index k = windows.sourceChannels, n = windows.targetChannels, total = active.count;
  constexpr Index plane = gradientWindows * gradientChannels + apart, plate = gradientWindows * tileColumns + apart;
  for (Index first = 0; first < total; first += gradientWindows) {
    const Index count = least(gradientWindows, total - first);
    const float* sources[gradientWindows][points];
    const float* targets[gradientWindows][4];
    for (Index w = 0; w < count; w++) {
      Index offset[4];
      windows.sources(active.window[first + w], source, sources[w]);
      windows.targets(active.window[first + w], offset);
      for (Index p = 0; p < 4; p++) targets[w][p] = offset[p] >= 0 ? gradient + offset[p] : windows.zeros;
    }
    for (Index w = 0; w < count; w++) {
      if (w + ahead < count)  // the left half was read with the window before
        for (Index p = 0; p < points; p++)
          if (p % 4 >= 2) fetchRow(sources[w + ahead][p] + channel0, channels);
      for (Index i = 0; i < rowsAtOnce; i++) {
        const RowOfTwo pair = sourceRows[row + i];
        const float* const* upper = sources[w] + 4 * pair.first;
        const float* const* lower = sources[w] + 4 * pair.second;
        float* out = left + 4 * i * plane + w * channels;
        forVectors(channels, [&](Index c, Index some) {
          Vector d[4];
#pragma GCC unroll 4
          for (Index x = 0; x < 4; x++)
            d[x] = loadUpTo(upper[x] + channel0 + c, some) + pair.other * loadUpTo(lower[x] + channel0 + c, some);
          transformSource(d, 1);
#pragma GCC unroll 4
          for (Index x = 0; x < 4; x++) storeUpTo(out + x * plane + c, d[x], some);
        });
      }
    }
    for (Index panel = 0; panel < divideUp(n, tileColumns); panel++) {
      const Index column = panel * tileColumns;
      for (Index w = 0; w < count; w++) {
        if (w + 2 * ahead < count)
          for (Index p = 0; p < 4; p++) fetchRow(targets[w + 2 * ahead][p] + column, tileColumns);
        forVectors(least(tileColumns, n - column), [&](Index j, Index some) {
          Vector y[4], z[4];
#pragma GCC unroll 4
          for (Index p = 0; p < 4; p++) y[p] = loadUpTo(targets[w][p] + column + j, some);
#pragma GCC unroll 4
          for (Index i = 0; i < rowsAtOnce; i++) {
            const RowOfTwo pair = gradientRows[row + i];
            spreadGradient(pair.factor * y[0] + pair.other * y[2], pair.factor * y[1] + pair.other * y[3], z);
#pragma GCC unroll 4
            for (Index x = 0; x < 4; x++) store(right + (4 * i + x) * plate + w * tileColumns + j, z[x]);
          }
        });
      }
      for (Index p = 0; p < planes; p++) {
        const float* b = right + p * plate;
        float* out = sums + ((panel * points + 4 * row + p) * k + channel0) * tileColumns;
        for (Index c = 0; c < channels; c += tileRows) {
          const Index rows = least(tileRows, channels - c);
          const float* a[tileRows];
          float* to[tileRows];
          for (Index r = 0; r < rows; r++) {
            a[r] = left + p * plane + c + r;
            to[r] = out + (c + r) * tileColumns;
          }
          tileOf(rows, a, &b, 1, count, channels, to, first > 0);
        }
      }
    }
  }
}

// Gᵀ·sums·G, the nine taps of channel c.
static void filterOfSums(const float* sums, Index c, Index k, Index n, float* out) {
  for (Index panel = 0; panel < divideUp(n, tileColumns); panel++)
    forVectors(least(tileColumns, n - panel * tileColumns), [&](Index j, Index some) {
      Vector u[points], half[12], g[9];
      for (Index p = 0; p < points; p++) u[p] = load(sums + ((panel * points + p) * k + c) * tileColumns + j);
      for (Index x = 0; x < 4; x++) gatherGradient(u + x, 4, half + x, 4);
      for (Index i = 0; i < 3; i++) gatherGradient(half + 4 * i, 1, g + 3 * i, 1);
      for (Index t = 0; t < 9; t++) storeUpTo(out + (t * k + c) * n + panel * tileColumns + j, g[t], some);
    });
}

static bool suitsWinograd(const ConvolutionShape& s) {
  const bool plain = s.filterHeight == 3 && s.filterWidth == 3 && s.strideHeight == 1 && s.strideWidth == 1 &&
                     s.dilationHeight == 1 && s.dilationWidth == 1;
  return plain && least(s.inChannels, s.outChannels) >= leastChannels &&
         most(s.inChannels, s.outChannels) <= mostChannels && s.outHeight > 1 && s.outWidth > 1;
}

static int winogradForward(Runtime& runtime, const float* input, const float* filter, float* out,
                           const ConvolutionShape& s) {
  const Index cin = s.inChannels, cout = s.outChannels;
  return winograd(runtime, {filter, 9, cin, cout, cin * cout, cout, 1}, false, input, out,
                  {s.batch, s.inHeight, s.inWidth, cin, s.outHeight, s.outWidth, cout, s.padTop, s.padLeft, nullptr});
}

// A convolution of the gradient with the filter turned by half a turn and its channels exchanged.
static int winogradInputGradient(Runtime& runtime, const float* outGradient, const float* filter, float* inputGradient,
                                 const ConvolutionShape& s) {
  const Index cin = s.inChannels, cout = s.outChannels;
  const Windows windows{s.batch, s.outHeight, s.outWidth, cout, s.inHeight, s.inWidth, cin, 2 - s.padTop, 2 - s.padLeft,
                        nullptr};
  return winograd(runtime, {filter, 9, cout, cin, cin * cout, 1, cout}, true, outGradient, inputGradient, windows);
}

static int winogradFilterGradient(Runtime& runtime, const float* input, const float* outGradient, float* filterGradient,
                                  const ConvolutionShape& s) {
  const Index cin = s.inChannels, cout = s.outChannels, panels = divideUp(cout, tileColumns);
  float* zeros = scratch<float>(runtime, most(cin, cout));
  float* sums = scratch<float>(runtime, panels * points * cin * tileColumns);
  if (!zeros || !sums) return outOfMemory;
  fillZero(zeros, most(cin, cout));
  const Windows windows{s.batch, s.inHeight, s.inWidth, cin, s.outHeight, s.outWidth, cout, s.padTop, s.padLeft, zeros};
  const ActiveWindows active = findActive(runtime, windows, input);
  if (!active.window) return outOfMemory;
  if (active.count == 0) {
    fillZero(filterGradient, 9 * cin * cout);
    return done;
  }
  const double work = 4.0 * active.count * cin * cout;
  constexpr Index passes = 4 / rowsAtOnce;
  const Index blocks = most(divideUp(cin, gradientChannels), divideUp(runtime.threads, passes));
  const Index share = divideUp(divideUp(cin, blocks), lanes) * lanes;
  parallel(runtime, passes * blocks, work, [&](Index task) {
    const Index channel0 = task / passes * share, row = task % passes * rowsAtOnce;
    if (channel0 < cin) {
      const GradientPart part{row, channel0, least(share, cin - channel0)};
      sumWindows(windows, active, input, outGradient, part, sums);
    }
  });
  parallel(runtime, cin, work / 16, [&](Index c) { filterOfSums(sums, c, cin, cout, filterGradient); });
  return done;
}

}  // namespace SIMD_VARIANT
