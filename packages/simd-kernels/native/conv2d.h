// 2D convolution and its gradients, each the direct way or by minimal filtering.
//
// Limits. Sums are float32, the direct way within (terms + 4)·2⁻²⁴·Σ|a||b| of the exact ones, by minimal filtering within
// (terms + 12)·2⁻²⁴ of the largest Σ|a||b| of the result, because neighbours share sums: an infinity reaches them as NaN.
// Minimal filtering takes 3×3 of stride 1 and 16 to 1024 channels; sizes are below 2³¹.
#pragma once
#include "convolution.h"
#include "weight-gradient.h"
#include "winograd-gradient.h"

namespace SIMD_VARIANT {

// The sums, or relu(sum + bias) where there is a bias.
static int convolve(Runtime& runtime, const ConvolutionShape& shape, Precision precision, const float* input,
                    const float* filter, const float* bias, float* out) {
  if (shape.isEmpty()) {
    const Index n = shape.outChannels, pixels = shape.batch * shape.outHeight * shape.outWidth;
    writeMatrix(runtime, out, n, pixels, n,
                [=](Index, Index c, Index some) { return finished(Vector{}, bias, c, some); });
    return done;
  }
  return withNumbers(precision, [&](auto numbers) {
    const auto chosen = suitsWinograd(shape) ? winogradForward<decltype(numbers)> : conv2d<decltype(numbers)>;
    return chosen(numbers, runtime, input, filter, bias, out, shape);
  });
}

static int run(Runtime& runtime, const Conv2dArguments& a) {
  return convolve(runtime, {a.shape}, a.precision, a.input, a.filter, nullptr, a.out);
}

static int run(Runtime& runtime, const Conv2dBiasReluArguments& a) {
  return convolve(runtime, {a.shape}, a.precision, a.input, a.filter, a.bias, a.out);
}

static int run(Runtime& runtime, const Conv2dInputGradientArguments& a) {
  const ConvolutionShape shape{a.shape};
  if (shape.isEmpty()) {
    fillZero(a.inputGradient, shape.batch * shape.inHeight * shape.inWidth * shape.inChannels);
    return done;
  }
  return withNumbers(a.precision, [&](auto numbers) {
    using Number = decltype(numbers);
    const auto convolve = suitsWinograd(shape) ? winogradInputGradient<Number> : conv2dInputGradient<Number>;
    return convolve(numbers, runtime, a.outGradient, a.filter, a.inputGradient, shape);
  });
}

static int run(Runtime& runtime, const Conv2dFilterGradientArguments& a) {
  const ConvolutionShape shape{a.shape};
  if (shape.isEmpty()) {
    fillZero(a.filterGradient, shape.taps() * shape.inChannels * shape.outChannels);
    return done;
  }
  return withNumbers(a.precision, [&](auto numbers) {
    using Number = decltype(numbers);
    if (suitsWinograd(shape))
      return winogradFilterGradient<Number>(runtime, a.input, a.outGradient, a.filterGradient, shape);
    const RegularPairs pairs{shape, a.input, a.outGradient};
    weightGradient<Number>(runtime, pairs, shape.taps(), shape.inChannels, shape.outChannels, a.filterGradient);
    return done;
  });
}

}  // namespace SIMD_VARIANT
