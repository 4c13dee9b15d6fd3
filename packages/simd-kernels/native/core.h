// What every kernel file shares: index type, the runtime a kernel runs on, the split of work into tasks, and the arguments of
// the operations, which the build writes from src/operations.
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

// Room for as many elements as the product of `factors`, which Index may not hold.
template <class T, class... Factors>
inline T* scratch(Runtime& runtime, Factors... factors) {
  const double elements = (1.0 * ... * factors) + 1;  // one spare: an empty request must not look like a failed one
  if (elements > static_cast<double>(~Size{0} / 2 / sizeof(T))) return nullptr;
  return static_cast<T*>(runtime.scratch(&runtime, static_cast<Size>(elements) * sizeof(T)));
}

constexpr Index least(Index a, Index b) { return a < b ? a : b; }
constexpr Index most(Index a, Index b) { return a > b ? a : b; }
constexpr Index divideUp(Index a, Index b) { return (a + b - 1) / b; }

// Results of an operation.
constexpr int done = 0;
constexpr int outOfMemory = 1;
constexpr int unknownOperation = 2;

#include "operations.h"
