// Sparse convolution and its gradients.
#pragma once
#include "mapped-product.h"
#include "weight-gradient.h"

namespace SIMD_VARIANT {

static int run(Runtime& runtime, const MappedGemmArguments& a) {
  const Operand weights{a.weights, a.taps, a.cin, a.cout, a.cin * a.cout, a.cout, 1};
  return mappedProduct(runtime, {a.taps, a.mapStarts, a.mapInputs, a.mapOutputs}, weights, a.input, a.out, a.outRows);
}

// The same walk with input and output exchanged and the weights transposed.
static int run(Runtime& runtime, const MappedGemmInputGradientArguments& a) {
  const Operand weights{a.weights, a.taps, a.cout, a.cin, a.cin * a.cout, 1, a.cout};
  return mappedProduct(runtime, {a.taps, a.mapStarts, a.mapOutputs, a.mapInputs}, weights, a.outGradient,
                       a.inputGradient, a.inRows);
}

static int run(Runtime& runtime, const MappedGemmWeightGradientArguments& a) {
  const MappedPairs pairs{{a.taps, a.mapStarts, a.mapInputs, a.mapOutputs}, a.input, a.outGradient, a.cin, a.cout};
  weightGradient(runtime, pairs, a.taps, a.cin, a.cout, a.weightGradient);
  return done;
}

}  // namespace SIMD_VARIANT
