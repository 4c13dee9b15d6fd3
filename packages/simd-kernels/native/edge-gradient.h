// Gradient of a function of the distances between samples and one neighbour each, samples being columns.
//
// Limits. Weights are rounded to float32; sums are float32 in the order of the edges, n edges at a sample within
// (n + 2)·2⁻²⁴·Σ|weight·difference|.
#pragma once
#include "coordinate-blocks.h"
#include "passes.h"

namespace SIMD_VARIANT {

constexpr Index edgeParts = 16;  // shares of the coordinates of an image, each with its own working space

struct Edge {
  const float* from;
  const float* to;
  float* gradientFrom;
  float* gradientTo;
  float weight;
};

// Every edge on a turned block: its difference times its weight, added to one end and taken from the other.
static void pullEdge(const Edge& e) {
  const Vector weight = broadcast(e.weight);
  for (Index i = 0; i < turnedDims; i += lanes) {
    const Vector pull = weight * (load(e.from + i) - load(e.to + i));
    store(e.gradientFrom + i, load(e.gradientFrom + i) + pull);
    store(e.gradientTo + i, load(e.gradientTo + i) - pull);
  }
}

// out[c][r] = from[r][c] for r < samples, c < rows: the inverse of `turn`, put down line by line.
template <class Stores>
static void turnBack(const float* from, Index samples, Index rows, float* out, Stores stores) {
  Index c = 0;
  for (; c + lanes <= rows; c += lanes) {
    Index r = 0;
    for (; r + line <= samples; r += line) {
      float lines[lanes * line];
      for (Index i = 0; i < line; i += lanes) turnSquare(from + (r + i) * turnedDims + c, turnedDims, lines + i, line);
      for (Index j = 0; j < lanes; j++)
        for (Index i = 0; i < line; i += lanes)
          stores.put(out + (c + j) * samples + r + i, load(lines + j * line + i), lanes);
    }
    for (; r < samples; r++)
      for (Index j = c; j < c + lanes; j++) out[j * samples + r] = from[r * turnedDims + j];
  }
  for (; c < rows; c++)
    for (Index r = 0; r < samples; r++) out[c * samples + r] = from[r * turnedDims + c];
}

struct EdgeSize {
  Index images, dims, samples;
};

// out[image, d, s] = Σ over edges i of weights[i]·(x[d, i] - x[d, neighbours[i]]) at s = i, minus the same at
// s = neighbours[i]. Edges are added in order of i. A neighbour of -1 stands for 0 (its weight is NaN or 0).
static int edgeGradient(Runtime& runtime, const float* x, const int* neighbours, const double* weights, float* out,
                        const EdgeSize& size) {
  const Index samples = size.samples, block = samples * turnedDims;
  const Parts parts{size.dims, turnedDims, least(edgeParts, most(1, divideUp(size.dims, turnedDims)))};
  float* room = scratch<float>(runtime, parts.count * 2 * block);
  if (!room) return outOfMemory;
  withStores(out, size.images * size.dims * samples, samples, [&](auto stores) {
    parallel(runtime, parts.count, 8.0 * size.images * size.dims * samples, [&](Index part) {
      float* turned = room + part * 2 * block;
      float* gradient = turned + block;
      for (Index image = 0; image < size.images; image++)
        for (Index d = parts.begin(part); d < parts.begin(part + 1); d += turnedDims) {
          const Index start = (image * size.dims + d) * samples;
          const Index rows = least(turnedDims, parts.begin(part + 1) - d);
          if (rows < turnedDims) fillZero(turned, block);
          turn(x + start, samples, rows, samples, turned, turnedDims);
          fillZero(gradient, block);
          for (Index i = 0; i < samples; i++) {
            const float weight = static_cast<float>(weights[image * samples + i]);
            fetch(x + start + (samples + i) * turnedDims, turnedDims);  // a part of the next block
            const Index from = i * turnedDims, to = most(0, neighbours[image * samples + i]) * turnedDims;
            if (weight != 0) pullEdge({turned + from, turned + to, gradient + from, gradient + to, weight});
          }
          turnBack(gradient, samples, rows, out + start, stores);
        }
      stores.finish();
    });
  });
  return done;
}

static int run(Runtime& runtime, const EdgeGradientArguments& a) {
  return edgeGradient(runtime, a.x, a.neighbours, a.weights, a.out, {a.images, a.dims, a.samples});
}

}  // namespace SIMD_VARIANT
