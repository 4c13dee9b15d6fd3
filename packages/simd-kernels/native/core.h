// What every kernel file shares: index type, the runtime a kernel runs on, and the split of work into tasks.
// The core needs neither libc nor a C++ runtime: memory and threads come from the Runtime of its host
// (native/addon.cc, native/wasm.cc or native/test/kernels-test.cc).
#pragma once

using Index = __PTRDIFF_TYPE__;
using Size = __SIZE_TYPE__;

// Services of the host for the length of one operation.
struct Runtime {
  int threads;
  // `bytes` of memory, aligned to 64, valid until the operation ends; null when there is none left.
  void* (*scratch)(Runtime*, Size bytes);
  // Calls task(context, i) once for every i in 0..tasks-1, on any thread, in any order; returns when all are done.
  void (*run)(Runtime*, Index tasks, void (*task)(void* context, Index i), void* context);
};

// Codes shared with src/compiled/compiled-layer.ts; the comment lists `sizes`, then `arrays` (> marks an output).
enum Operation {
  opGemm = 0,                      // m n k transposeA transposeB accumulate | a b >out
  opMappedGemm = 1,                // taps pairs inRows outRows cin cout | input weights starts inputs outputs >out
  opMappedGemmInputGradient = 2,   // same | outGradient weights starts inputs outputs >inputGradient
  opMappedGemmWeightGradient = 3,  // same | input outGradient starts inputs outputs >weightGradient
  opConv2d = 4,                    // the 15 of Conv2dShape | input filter >out
  opConv2dInputGradient = 5,       // same | outGradient filter >inputGradient
  opConv2dFilterGradient = 6,      // same | input outGradient >filterGradient
  opRowPairDistances = 7,          // rows dims | x >out
  opBatchNormReluForward = 8,      // rows channels epsilon relu | x gamma beta >out >mean >variance
  opBatchNormReluBackward = 9,     // same | x outGradient gamma beta mean variance >inputGradient >gamma >beta
  opScaleShiftRelu = 10,           // rows channels relu | x scale shift >out
  opGatherRows = 11,               // rows columns count | x indices >out
  opSegmentSum = 12,               // rows columns segments | x segmentIds >out
  opBinary = 13,                   // operation rows columns aMode bMode | a b >out
  opUnary = 14,                    // operation length | x >out
  opReduce = 15,                   // operation outer inner axis | x >out
  opAdamw = 16,                    // length keep rate beta1 beta2 correction epsilon scale | p g m v >p >m >v
  opFindOutside = 17,              // length low high | indices >position (one float64)
  opMultiplyAddChain = 18,         // length rounds factor addend | >values (read and written)
  opCopy = 19,                     // length | x >out
  opKthNeighbours = 20,            // images dims samples k float64 | x >radii (float64) >neighbours
  opEdgeGradient = 21,             // images dims samples | x neighbours weights (float64) >out
  opCopyColumns = 22,              // rows columns xColumns xFirst outColumns outFirst | x >out (written in part)
  opSortSites = 23,                // rows batches, then z y x of: shape margin | coords >keys (float64) >order >faults
  opSortKeys = 25,                 // length | keys (float64) >sorted (float64) >order
  opShiftedPairs = 26,             // rows taps | keys (float64) order shifts (float64) >inputs >outputs >starts
  opWindowPairs = 27,              // rows batches, then z y x of: shape outputShape kernel stride padding dilation |
                                   // coords order >inputs >outputs >cells >cellCount >starts
  opTreeNeighbours = 28,           // samples count dims leaves k largest | points (float64) index starts ends
                                   // boxes (float64) >distances (float64) >indices
  opBoundedNeighbours = 29,        // row column height width samples dims k unit slack most | bounds values (float64)
                                   // >distances (float64) >indices (both read and written)
};

// Below this many multiply-adds (or elements moved, times 8) an operation is not worth waking another thread.
constexpr double smallWork = 400000;

template <class Body>
inline void parallel(Runtime& runtime, Index tasks, double work, const Body& body) {
  if (tasks <= 1 || runtime.threads <= 1 || work < smallWork) {
    for (Index i = 0; i < tasks; i++) body(i);
    return;
  }
  runtime.run(
      &runtime, tasks, [](void* context, Index i) { (*static_cast<const Body*>(context))(i); },
      const_cast<Body*>(&body));
}

template <class T>
inline T* scratch(Runtime& runtime, Index count) {
  const Size elements = static_cast<Size>(count) + 1;  // one spare: an empty request must not look like a failed one
  if (elements > ~Size{0} / sizeof(T)) return nullptr;
  return static_cast<T*>(runtime.scratch(&runtime, elements * sizeof(T)));
}

constexpr Index least(Index a, Index b) { return a < b ? a : b; }
constexpr Index most(Index a, Index b) { return a > b ? a : b; }
constexpr Index divideUp(Index a, Index b) { return (a + b - 1) / b; }

// Results of an operation.
constexpr int done = 0;
constexpr int outOfMemory = 1;
constexpr int unknownOperation = 2;
