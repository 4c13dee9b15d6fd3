// Passes over memory that write one array: the kernel says what its entries are, the pass how they are put down.
#pragma once
#include "columns.h"

namespace SIMD_VARIANT {

#if defined(__SSE__) || (defined(__clang__) && !defined(__wasm__))
constexpr bool canStorePast = true;
#else
constexpr bool canStorePast = false;
#endif

// Stores at a multiple of 16 bytes, past the caches where there is such an instruction: an ordinary store first fetches what
// it overwrites, which is half as much traffic again for a copy.
static inline void storePast(float* p, Vector v) {
  for (Index i = 0; i < lanes; i += 4) {
    Quad quad;
    __builtin_memcpy(&quad, reinterpret_cast<const char*>(&v) + i * sizeof(float), sizeof quad);
#if defined(__clang__) && !defined(__wasm__)
    __builtin_nontemporal_store(quad, reinterpret_cast<Quad*>(p + i));
#elif defined(__SSE__)
    __builtin_ia32_movntps(p + i, quad);
#else
    *reinterpret_cast<Quad*>(p + i) = quad;
#endif
  }
}

// A pass puts results down near, in the caches, or past them.
struct Near {
  static void put(float* to, Vector v, Index count) { storeUpTo(to, v, count); }
  static void finish() {}
};
struct Past {
  static void put(float* to, Vector v, Index count) {
    if (count == lanes) storePast(to, v);
    else storeSome(to, v, count);
  }
  static void finish() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }  // such stores are ordered by fences only
};

// Arrays of this many entries, 4 MiB, are long.
constexpr Index longArray = Index{1} << 20;

// Calls pass(Past{}) or pass(Near{}) for an array whose vectors start at whole numbers of `step` entries. Long ones go past:
// they would push out what is in the caches, and be pushed out in turn before they are read. Brings 20 to 30 % of an elementwise
// operation, 1 to 1.5 % of second-kitti's step with AVX-512 (two EPYC cores, 2026-11-28).
template <class Pass>
static void withStores(const float* out, Index entries, Index step, const Pass& pass) {
  const bool placed = step % 4 == 0 && reinterpret_cast<Size>(out) % 16 == 0;
  if (canStorePast && placed && entries >= longArray) pass(Past{});
  else pass(Near{});
}

// out[i] = value(i, count) for all vectors of 0..length; `count` is as in forVectors. Each task has a copy of `value`, see
// forRows.
template <class Value>
static void writeFlat(Runtime& runtime, float* out, Index length, const Value& value) {
  withStores(out, length, 4, [&](auto stores) {
    parallel(runtime, divideUp(length, taskEntries), 8.0 * length, [=](Index task) {
      const Value own = value;
      const Index first = task * taskEntries;
      forVectors(least(taskEntries, length - first),
                 [&](Index i, Index n) { stores.put(out + first + i, own(first + i, n), n); });
      stores.finish();
    });
  });
}

// out[row, c] = value(row, c, count) for all vectors of a matrix whose rows lie `stride` entries apart.
template <class Value>
static void writeMatrix(Runtime& runtime, float* out, Index stride, Index rows, Index columns, const Value& value) {
  const Index share = most(1, taskEntries / most(1, columns));
  withStores(out, rows * columns, stride, [&](auto stores) {
    parallel(runtime, divideUp(rows, share), 8.0 * rows * columns, [=](Index task) {
      const Value own = value;
      for (Index row = task * share; row < least(rows, (task + 1) * share); row++)
        forVectors(columns, [&](Index c, Index n) { stores.put(out + row * stride + c, own(row, c, n), n); });
      stores.finish();
    });
  });
}

}  // namespace SIMD_VARIANT
