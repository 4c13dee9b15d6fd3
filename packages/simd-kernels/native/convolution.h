// 2D convolution, NHWC, and its input gradient: the dense product over a regular map of rows.
#pragma once
#include "product.h"

namespace SIMD_VARIANT {

struct ConvolutionShape : ConvolutionSizes {
  Index taps() const { return filterHeight * filterWidth; }
  // Whether nothing is summed: all of a result that there is room for is 0.
  bool isEmpty() const {
    return batch == 0 || inHeight == 0 || inWidth == 0 || inChannels == 0 || outHeight == 0 || outWidth == 0 ||
           outChannels == 0;
  }
};

// Where a tap looks, and which tap of the filter it is.
struct RegularTap {
  Index offsetY, offsetX, weight;
};

// Row (image, i, j) of a grid inside the target image is target pixel (startY + i·stepY, startX + j·stepX); under a tap
// it reads source pixel (i·strideY + offsetY, j·strideX + offsetX), or a row of zeros beyond the image. Source pixels are of words
// (numbers.h).
struct RegularMap {
  const float* image;
  const float* zeros;
  float* out;
  Index sourceHeight, sourceWidth, sourceChannels;
  Index targetHeight, targetWidth, targetChannels;
  Index gridHeight, gridWidth, startY, startX, stepY, stepX, strideY, strideX;
  const RegularTap* taps;

  struct Place {
    Index image, i, j;
  };
  Place locate(Index row) const { return {row / gridWidth / gridHeight, row / gridWidth % gridHeight, row % gridWidth}; }
  void advance(Place& place) const {
    if (++place.j < gridWidth) return;
    place.j = 0;
    if (++place.i < gridHeight) return;
    place.i = 0;
    place.image++;
  }
  const float* source(const Place& place, Index tap) const {
    const Index y = place.i * strideY + taps[tap].offsetY, x = place.j * strideX + taps[tap].offsetX;
    if (y < 0 || y >= sourceHeight || x < 0 || x >= sourceWidth) return zeros;
    return image + ((place.image * sourceHeight + y) * sourceWidth + x) * sourceChannels;
  }
  float* target(const Place& place) const {
    const Index y = startY + place.i * stepY, x = startX + place.j * stepX;
    return out + ((place.image * targetHeight + y) * targetWidth + x) * targetChannels;
  }
  Index weightTap(Index tap) const { return taps[tap].weight; }
};

// Without a bias the sums, with one relu(sum + bias).
template <class Number>
static int conv2d(Number numbers, Runtime& runtime, const float* input, const float* filter, const float* bias,
                  float* out, const ConvolutionShape& s) {
  const Index cout = s.outChannels, pixels = s.batch * s.inHeight * s.inWidth;
  const Panels panels = pack<Number>(runtime, upright(filter, s.taps(), s.inChannels, cout), chunkRows);
  const Index cin = panels.k;
  const float* image = wordsAlongRows(numbers, runtime, input, pixels, s.inChannels);
  float* zeros = scratch<float>(runtime, cin);
  RegularTap* taps = scratch<RegularTap>(runtime, s.filterHeight, s.filterWidth);
  if (!panels.data || !image || !zeros || !taps) return outOfMemory;
  fillZero(zeros, cin);
  for (Index ky = 0; ky < s.filterHeight; ky++)
    for (Index kx = 0; kx < s.filterWidth; kx++) {
      const Index tap = ky * s.filterWidth + kx;
      taps[tap] = {ky * s.dilationHeight - s.padTop, kx * s.dilationWidth - s.padLeft, tap};
    }
  const RegularMap map{.image = image,
                       .zeros = zeros,
                       .out = out,
                       .sourceHeight = s.inHeight,
                       .sourceWidth = s.inWidth,
                       .sourceChannels = cin,
                       .targetHeight = s.outHeight,
                       .targetWidth = s.outWidth,
                       .targetChannels = cout,
                       .gridHeight = s.outHeight,
                       .gridWidth = s.outWidth,
                       .startY = 0,
                       .startX = 0,
                       .stepY = 1,
                       .stepX = 1,
                       .strideY = s.strideHeight,
                       .strideX = s.strideWidth,
                       .taps = taps};
  product<Number>(runtime, map, {.rows = s.batch * s.outHeight * s.outWidth, .taps = s.taps(), .bias = bias}, panels);
  return done;
}

// Input pixel y gets from output pixel oy under tap ky when oy·stride = y + pad - ky·dilation. Pixels with the same
// y mod stride see the same taps, so each such class (and class of x) is a product of its own with only these taps.
template <class Number>
static int conv2dInputGradient(Number numbers, Runtime& runtime, const float* outGradient, const float* filter,
                               float* inputGradient, const ConvolutionShape& s) {
  const Index cin = s.inChannels, pixels = s.batch * s.outHeight * s.outWidth;
  const Panels panels = pack<Number>(runtime, transposed(filter, s.taps(), s.outChannels, cin), chunkRows);
  const Index cout = panels.k;
  const float* image = wordsAlongRows(numbers, runtime, outGradient, pixels, s.outChannels);
  float* zeros = scratch<float>(runtime, cout);
  RegularTap* taps = scratch<RegularTap>(runtime, s.filterHeight, s.filterWidth);
  if (!panels.data || !image || !zeros || !taps) return outOfMemory;
  fillZero(zeros, cout);
  for (Index y0 = 0; y0 < least(s.strideHeight, s.inHeight); y0++)
    for (Index x0 = 0; x0 < least(s.strideWidth, s.inWidth); x0++) {
      Index count = 0;
      for (Index ky = 0; ky < s.filterHeight; ky++)
        for (Index kx = 0; kx < s.filterWidth; kx++) {
          const Index y = y0 + s.padTop - ky * s.dilationHeight, x = x0 + s.padLeft - kx * s.dilationWidth;
          if (y % s.strideHeight || x % s.strideWidth) continue;
          taps[count++] = {y / s.strideHeight, x / s.strideWidth, ky * s.filterWidth + kx};
        }
      const Index gridHeight = divideUp(s.inHeight - y0, s.strideHeight);
      const Index gridWidth = divideUp(s.inWidth - x0, s.strideWidth);
      const RegularMap map{.image = image,
                           .zeros = zeros,
                           .out = inputGradient,
                           .sourceHeight = s.outHeight,
                           .sourceWidth = s.outWidth,
                           .sourceChannels = cout,
                           .targetHeight = s.inHeight,
                           .targetWidth = s.inWidth,
                           .targetChannels = cin,
                           .gridHeight = gridHeight,
                           .gridWidth = gridWidth,
                           .startY = y0,
                           .startX = x0,
                           .stepY = s.strideHeight,
                           .stepX = s.strideWidth,
                           .strideY = 1,
                           .strideX = 1,
                           .taps = taps};
      product<Number>(runtime, map, {.rows = s.batch * gridHeight * gridWidth, .taps = count}, panels);
    }
  return done;
}

}  // namespace SIMD_VARIANT
