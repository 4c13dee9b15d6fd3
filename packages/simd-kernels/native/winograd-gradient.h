// The gradient to the filter of a convolution by minimal filtering: the transpose of the chain in winograd.h,
// Gᵀ·(Σ over windows of V ⊙ A·y·Aᵀ)·G with y the 2×2 pixels of the result's gradient. The sums are those of the micro-kernel.
#pragma once
#include "prefetch.h"
#include "winograd.h"

namespace SIMD_VARIANT {

constexpr Index gradientWindows = 64;    // words of windows per step of the filter's gradient; partial sums are added up there
constexpr Index rowsAtOnce = 2;          // rows of points per task of the filter's gradient
constexpr Index gradientChannels = 128;  // most source channels per task of the filter's gradient
constexpr Index ahead = 4;               // windows between asking for their rows and using them

// One axis of each transform; `from` and `to` are the distances of neighbours along it, 1 where they are not given.
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

// A row of V of a window, channels c..c+some-1.
static inline void sourceRow(const RowOfTwo& pair, const float* const* pixels, Index c, Index some, Vector* d) {
  const float* const* upper = pixels + 4 * pair.first;
  const float* const* lower = pixels + 4 * pair.second;
#pragma GCC unroll 4
  for (Index x = 0; x < 4; x++) d[x] = loadUpTo(upper[x] + c, some) + pair.other * loadUpTo(lower[x] + c, some);
  transformSource(d, 1);
}

// A row of A·y·Aᵀ of a window whose 2×2 pixels are y.
static inline void gradientRow(const RowOfTwo& pair, const Vector* y, Vector* z) {
  spreadGradient(pair.factor * y[0] + pair.other * y[2], pair.factor * y[1] + pair.other * y[3], z);
}

// Σ V ⊙ A·y·Aᵀ over the active windows, in their order, into sums[panel][point][sourceChannels][tileColumns].
template <class Number>
static void sumWindows(const Windows& windows, const ActiveWindows& active, const float* source, const float* gradient,
                       const GradientPart& part, float* sums) {
  constexpr Index planes = 4 * rowsAtOnce;
  const TilesInUse inUse{};
  alignas(64) float left[planes * (gradientWindows * gradientChannels + apart)];
  alignas(64) float right[planes * (gradientWindows * tileColumns + apart)] = {};
  const Index row = part.row, channel0 = part.channel0, channels = part.channels;
  const Index k = windows.sourceChannels, n = windows.targetChannels, total = active.count;
  constexpr Index plane = gradientWindows * gradientChannels + apart, plate = gradientWindows * tileColumns + apart;
  constexpr Index perWord = Number::perWord, step = gradientWindows * perWord;
  for (Index first = 0; first < total; first += step) {
    const Index count = least(step, total - first);
    const float* sources[step][points];
    const float* targets[step][4];
    for (Index w = 0; w < count; w++) {
      Index offset[4];
      windows.sources(active.window[first + w], source, sources[w]);
      windows.targets(active.window[first + w], offset);
      for (Index p = 0; p < 4; p++) targets[w][p] = offset[p] >= 0 ? gradient + offset[p] : windows.zeros;
    }
    for (Index w = 0; w < count; w += perWord) {
      for (Index other = w + ahead; other < least(count, w + ahead + perWord); other++)
        for (Index p = 0; p < points; p++)  // the left half was read with the window before
          if (p % 4 >= 2) requestRow(sources[other][p] + channel0, channels);
      for (Index i = 0; i < rowsAtOnce; i++) {
        float* out = left + 4 * i * plane + w / perWord * channels;
        forVectors(channels, [&](Index c, Index some) {
          Vector d[2][4] = {};
          for (Index h = 0; h < perWord && w + h < count; h++)
            sourceRow(sourceRows[row + i], sources[w + h], channel0 + c, some, d[h]);
#pragma GCC unroll 4
          for (Index x = 0; x < 4; x++) storeUpTo(out + x * plane + c, Number::combine(d[0][x], d[1][x]), some);
        });
      }
    }
    for (Index panel = 0; panel < divideUp(n, tileColumns); panel++) {
      const Index column = panel * tileColumns;
      for (Index w = 0; w < count; w += perWord) {
        for (Index other = w + 2 * ahead; other < least(count, w + 2 * ahead + perWord); other++)
          for (Index p = 0; p < 4; p++) requestRow(targets[other][p] + column, tileColumns);
        forVectors(least(tileColumns, n - column), [&](Index j, Index some) {
          Vector y[2][4] = {};
          for (Index h = 0; h < perWord && w + h < count; h++)
#pragma GCC unroll 4
            for (Index p = 0; p < 4; p++) y[h][p] = loadUpTo(targets[w + h][p] + column + j, some);
#pragma GCC unroll 4
          for (Index i = 0; i < rowsAtOnce; i++) {
            Vector z[2][4] = {};
            for (Index h = 0; h < perWord; h++) gradientRow(gradientRows[row + i], y[h], z[h]);
#pragma GCC unroll 4
            for (Index x = 0; x < 4; x++)
              store(right + (4 * i + x) * plate + w / perWord * tileColumns + j, Number::combine(z[0][x], z[1][x]));
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
          tileOf<Number>(rows, {a, &b, 1, Number::words(count), channels}, {to, first > 0});
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

template <class Number>
static int winogradFilterGradient(Runtime& runtime, const float* input, const float* outGradient, float* filterGradient,
                                  const ConvolutionShape& s) {
  const Index cin = s.inChannels, cout = s.outChannels, panels = divideUp(cout, tileColumns);
  float* zeros = scratch<float>(runtime, most(cin, cout));
  float* sums = scratch<float>(runtime, panels, points, cin, tileColumns);
  if (!zeros || !sums) return outOfMemory;
  fillZero(zeros, most(cin, cout));
  const Windows windows{.batch = s.batch,
                        .sourceHeight = s.inHeight,
                        .sourceWidth = s.inWidth,
                        .sourceChannels = cin,
                        .targetHeight = s.outHeight,
                        .targetWidth = s.outWidth,
                        .targetChannels = cout,
                        .padTop = s.padTop,
                        .padLeft = s.padLeft,
                        .zeros = zeros};
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
      sumWindows<Number>(windows, active, input, outGradient, part, sums);
    }
  });
  parallel(runtime, cin, work / 16, [&](Index c) { filterOfSums(sums, c, cin, cout, filterGradient); });
  return done;
}

}  // namespace SIMD_VARIANT
