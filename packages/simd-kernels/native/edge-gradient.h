// Gradient of a function of the distances between samples and one neighbour each, samples being columns.
//
// Limits. Weights are rounded to float32; sums are float32 in the order of the edges, n edges at a sample within
// (n + 2)·2⁻²⁴·Σ|weight·difference|.
#pragma once
#include "coordinate-blocks.h"
#include "prefetch.h"

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
    const Vector pull = rounded(weight * (load(e.from + i) - load(e.to + i)));  // one number at both ends
    store(e.gradientFrom + i, load(e.gradientFrom + i) + pull);
    store(e.gradientTo + i, load(e.gradientTo + i) - pull);
  }
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
  float* room = scratch<float>(runtime, parts.count, 2, block);
  if (!room) return outOfMemory;
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
          requestRow(x + start + (samples + i) * turnedDims, turnedDims);  // a part of the next block
          const float weight = static_cast<float>(weights[image * samples + i]);
          const Index from = i * turnedDims, to = most(0, neighbours[image * samples + i]) * turnedDims;
          if (weight != 0) pullEdge({turned + from, turned + to, gradient + from, gradient + to, weight});
        }
        turn(gradient, turnedDims, samples, rows, out + start, samples);
      }
  });
  return done;
}

static int run(Runtime& runtime, const EdgeGradientArguments& a) {
  return edgeGradient(runtime, a.x, a.neighbours, a.weights, a.out, {a.images, a.dims, a.samples});
}

}  // namespace SIMD_VARIANT
