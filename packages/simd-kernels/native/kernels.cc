// One build of every kernel, for the instruction set of the compiler's flags, in the namespace SIMD_VARIANT.
#include "batch-norm.h"
#include "bounded-neighbours.h"
#include "convolution.h"
#include "distances.h"
#include "edge-gradient.h"
#include "mapped-product.h"
#include "neighbours.h"
#include "peak.h"
#include "reduce.h"
#include "rows.h"
#include "shifted-pairs.h"
#include "sort-sites.h"
#include "tree-neighbours.h"
#include "weight-gradient.h"
#include "window-pairs.h"
#include "winograd-gradient.h"

namespace SIMD_VARIANT {

static ConvolutionShape convolutionShape(const double* sizes) {
  Index s[15];
  for (Index i = 0; i < 15; i++) s[i] = static_cast<Index>(sizes[i]);
  return {s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7], s[8], s[9], s[10], s[11], s[12], s[13], s[14]};
}

// Runs one operation; see the enum Operation for its sizes and arrays.
int run(int operation, const double* sizes, void* const* arrays, Runtime& runtime) {
  const auto size = [&](Index i) { return static_cast<Index>(sizes[i]); };
  const auto floats = [&](Index i) { return static_cast<float*>(arrays[i]); };
  const auto integers = [&](Index i) { return static_cast<const int*>(arrays[i]); };
  const auto indices = [&](Index i) { return static_cast<int*>(arrays[i]); };  // written
  const auto doubles = [&](Index i) { return static_cast<double*>(arrays[i]); };
  switch (operation) {
    case opGemm:
      if (sizes[3] != 0 && sizes[4] == 0) {  // Aᵀ·B: k runs down the rows of both
        const DensePairs pairs{floats(0), floats(1), size(2), size(0), size(1)};
        weightGradient(runtime, pairs, 1, size(0), size(1), floats(2), sizes[5] != 0);
        return done;
      }
      return gemm(runtime, floats(0), floats(1), floats(2),
                  {size(0), size(1), size(2), sizes[3] != 0, sizes[4] != 0, sizes[5] != 0});
    case opMappedGemm: {
      const Index cin = size(4), cout = size(5);
      return mappedProduct(runtime, {size(0), integers(2), integers(3), integers(4)},
                           {floats(1), size(0), cin, cout, cin * cout, cout, 1}, floats(0), floats(5), size(3));
    }
    case opMappedGemmInputGradient: {
      const Index cin = size(4), cout = size(5);
      return mappedProduct(runtime, {size(0), integers(2), integers(4), integers(3)},
                           {floats(1), size(0), cout, cin, cin * cout, 1, cout}, floats(0), floats(5), size(2));
    }
    case opMappedGemmWeightGradient: {
      const Index cin = size(4), cout = size(5);
      const MappedPairs pairs{{size(0), integers(2), integers(3), integers(4)}, floats(0), floats(1), cin, cout};
      weightGradient(runtime, pairs, size(0), cin, cout, floats(5));
      return done;
    }
    case opConv2d: {
      const ConvolutionShape shape = convolutionShape(sizes);
      return (suitsWinograd(shape) ? winogradForward : conv2d)(runtime, floats(0), floats(1), floats(2), shape);
    }
    case opConv2dInputGradient: {
      const ConvolutionShape shape = convolutionShape(sizes);
      return (suitsWinograd(shape) ? winogradInputGradient : conv2dInputGradient)(runtime, floats(0), floats(1),
                                                                                  floats(2), shape);
    }
    case opConv2dFilterGradient: {
      const ConvolutionShape shape = convolutionShape(sizes);
      if (suitsWinograd(shape)) return winogradFilterGradient(runtime, floats(0), floats(1), floats(2), shape);
      const RegularPairs pairs{shape, floats(0), floats(1)};
      weightGradient(runtime, pairs, shape.taps(), shape.inChannels, shape.outChannels, floats(2));
      return done;
    }
    case opRowPairDistances: return rowPairDistances(runtime, floats(0), floats(1), size(0), size(1));
    case opBatchNormReluForward:
      return batchNormReluForward(runtime, floats(0), floats(1), floats(2), floats(3), floats(4), floats(5),
                                  {size(0), size(1), sizes[2], sizes[3] != 0});
    case opBatchNormReluBackward:
      return batchNormReluBackward(runtime, {floats(0), floats(1), floats(2), floats(3), floats(4), floats(5)},
                                   {floats(6), floats(7), floats(8)}, {size(0), size(1), sizes[2], sizes[3] != 0});
    case opScaleShiftRelu:
      return scaleShiftRelu(runtime, floats(0), floats(1), floats(2), floats(3), {size(0), size(1), 0, sizes[2] != 0});
    case opGatherRows: return gatherRows(runtime, floats(0), integers(1), floats(2), size(1), size(2));
    case opCopyColumns:
      return copyColumns(runtime, {floats(0) + size(3), size(2)}, {floats(1) + size(5), size(4)}, size(0), size(1));
    case opSegmentSum: return segmentSum(runtime, floats(0), integers(1), floats(2), size(0), size(1), size(2));
    case opBinary:
      return binary(runtime, static_cast<int>(sizes[0]), {floats(0), static_cast<Broadcast>(size(3)), size(2)},
                    {floats(1), static_cast<Broadcast>(size(4)), size(2)}, floats(2), size(1), size(2));
    case opUnary: return unary(runtime, static_cast<int>(sizes[0]), floats(0), floats(1), size(1));
    case opReduce: {
      const Reduction reduction = static_cast<Reduction>(size(0));
      return sizes[3] == 0 ? reduceRows(runtime, reduction, floats(0), floats(1), size(1), size(2))
                           : reduceColumns(runtime, reduction, floats(0), floats(1), size(1), size(2));
    }
    case opAdamw: {
      const auto round = [](double x) { return static_cast<float>(x); };
      const double beta1 = sizes[3], beta2 = sizes[4];
      return adamw(runtime, {floats(0), floats(2), floats(3)}, floats(1), {floats(4), floats(5), floats(6)}, size(0),
                   {round(sizes[1]), round(sizes[2]), round(beta1), round(1 - beta1), round(beta2), round(1 - beta2),
                    round(sizes[5]), round(sizes[6]), round(sizes[7])});
    }
    case opFindOutside:
      *static_cast<double*>(arrays[1]) = findOutside(integers(0), size(0), sizes[1], sizes[2]);
      return done;
    case opMultiplyAddChain:
      return multiplyAddChain(runtime, floats(0), size(0), size(1), static_cast<float>(sizes[2]),
                              static_cast<float>(sizes[3]));
    case opCopy: return copy(runtime, floats(0), floats(1), size(0));
    case opKthNeighbours: {
      const NeighbourSize shape{size(0), size(1), size(2), size(3)};
      const auto find = [&](const auto* x) {
        return kthNeighbours(runtime, x, shape, static_cast<double*>(arrays[1]), static_cast<int*>(arrays[2]));
      };
      return sizes[4] != 0 ? find(static_cast<const double*>(arrays[0])) : find(floats(0));
    }
    case opTreeNeighbours: {
      const Tree tree{doubles(0), integers(1), integers(2), integers(3), doubles(4), size(1), size(2), size(3)};
      return treeNeighbours(runtime, tree, {doubles(5), indices(6), size(0), size(4)}, sizes[5] != 0);
    }
    case opBoundedNeighbours:
      return boundedNeighbours(runtime, {floats(0), size(0), size(1), size(2), size(3)},
                               {doubles(1), size(4), size(5), size(6)}, {sizes[7], sizes[8], sizes[9]}, doubles(2),
                               indices(3));
    case opEdgeGradient:
      return edgeGradient(runtime, floats(0), integers(1), static_cast<const double*>(arrays[2]), floats(3),
                          {size(0), size(1), size(2)});
    case opSortKeys: return sortKeys(runtime, doubles(0), doubles(1), indices(2), size(0));
    case opSortSites:
      return sortSites(runtime, integers(0), {size(1), {size(2), size(3), size(4)}, {size(5), size(6), size(7)}},
                       doubles(1), indices(2), indices(3), size(0));
    case opShiftedPairs:
      return shiftedPairs(runtime, doubles(0), integers(1), doubles(2), {indices(3), indices(4), indices(5)}, size(0),
                          size(1));
    case opWindowPairs: {
      const auto axis = [&](Index i) -> AxisWindow {
        return {size(2 + i), size(5 + i), size(8 + i), size(11 + i), size(14 + i), size(17 + i)};
      };
      return windowPairs(runtime, integers(0), integers(1), {size(0), size(1), {axis(0), axis(1), axis(2)}},
                         {indices(2), indices(3), indices(4), indices(5), indices(6)});
    }
  }
  return unknownOperation;
}

}  // namespace SIMD_VARIANT
