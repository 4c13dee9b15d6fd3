// Sparse convolution and its gradients.
//
// Limits. Sums are float32, each result within (terms + 4)·2⁻²⁴·Σ|a||b| of the exact one; a row is summed by tap, then pair.
// Rows and pairs below 2³¹.
#pragma once
#include "mapped-product.h"
#include "weight-gradient.h"

namespace SIMD_VARIANT {

static int run(Runtime& runtime, const MappedGemmArguments& a) {
  const Pairs pairs{a.taps, a.mapStarts, a.mapInputs, a.mapOutputs};
  const Operand weights = upright(a.weights, a.taps, a.cin, a.cout);
  return withNumbers(a.precision, [&](auto numbers) {
    return mappedProduct(numbers, runtime, pairs, weights, {a.input, a.inRows, a.out, a.outRows});
  });
}

// The same walk with input and output exchanged and the weights transposed.
static int run(Runtime& runtime, const MappedGemmInputGradientArguments& a) {
  const Pairs pairs{a.taps, a.mapStarts, a.mapOutputs, a.mapInputs};
  const Operand weights = transposed(a.weights, a.taps, a.cout, a.cin);
  return withNumbers(a.precision, [&](auto numbers) {
    return mappedProduct(numbers, runtime, pairs, weights, {a.outGradient, a.outRows, a.inputGradient, a.inRows});
  });
}

static int run(Runtime& runtime, const MappedGemmWeightGradientArguments& a) {
  const MappedPairs pairs{{a.taps, a.mapStarts, a.mapInputs, a.mapOutputs}, a.input, a.outGradient, a.cin, a.cout};
  return withNumbers(a.precision, [&](auto numbers) {
    weightGradient<decltype(numbers)>(runtime, pairs, a.taps, a.cin, a.cout, a.weightGradient);
    return done;
  });
}

}  // namespace SIMD_VARIANT
