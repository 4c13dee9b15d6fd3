// What the machine can do at most: multiply-adds that never leave the registers, and a copy. Benchmarks divide by them.
#pragma once
#include "vector.h"

namespace SIMD_VARIANT {

// Chains that run side by side: enough to hide the latency of a multiply-add (4 cycles, 2 a cycle), few enough that
// they and the two constants fit in the registers of every instruction set.
constexpr Index chains = 12;

// values[i] = values[i]·factor + addend, `rounds` times over. Each value is a chain of its own: none can be left out.
static int multiplyAddChain(Runtime& runtime, float* values, Index length, Index rounds, float factor, float addend) {
  const Vector scale = broadcast(factor), shift = broadcast(addend);
  constexpr Index block = chains * lanes;
  parallel(runtime, divideUp(length, block), 2.0 * length * rounds, [&](Index task) {
    const Index first = task * block;
    if (first + block <= length) {
      Vector v[chains];
#pragma GCC unroll 16
      for (Index c = 0; c < chains; c++) v[c] = load(values + first + c * lanes);
      for (Index round = 0; round < rounds; round++)
#pragma GCC unroll 16
        for (Index c = 0; c < chains; c++) v[c] = v[c] * scale + shift;
#pragma GCC unroll 16
      for (Index c = 0; c < chains; c++) store(values + first + c * lanes, v[c]);
      return;
    }
    forVectors(length - first, [&](Index i, Index n) {
      Vector v = loadUpTo(values + first + i, n);
      for (Index round = 0; round < rounds; round++) v = v * scale + shift;
      storeUpTo(values + first + i, v, n);
    });
  });
  return done;
}

typedef float AliasedVector __attribute__((vector_size(SIMD_LANES * 4), may_alias));

// Stores at a multiple of sizeof(Vector), past the caches where there is such an instruction: an ordinary store first
// fetches what it overwrites, which is half as much traffic again for a copy.
static inline void storePast(float* p, Vector v) {
#if defined(__clang__) && !defined(__wasm__)
  __builtin_nontemporal_store(v, reinterpret_cast<AliasedVector*>(p));
#elif defined(__AVX512F__)
  __builtin_ia32_movntps512(p, v);
#elif defined(__AVX__)
  __builtin_ia32_movntps256(p, v);
#elif defined(__SSE__)
  __builtin_ia32_movntps(p, v);
#else
  *reinterpret_cast<AliasedVector*>(p) = v;
#endif
}

// Threads share blocks of 256 KiB.
static int copy(Runtime& runtime, const float* x, float* out, Index length) {
  constexpr Index block = 65536;
  const Size misplaced = reinterpret_cast<Size>(out) % sizeof(Vector);
  const Index head = least(length, misplaced ? static_cast<Index>((sizeof(Vector) - misplaced) / sizeof(float)) : 0);
  for (Index i = 0; i < head; i++) out[i] = x[i];
  parallel(runtime, divideUp(length - head, block), 8.0 * length, [&](Index task) {
    const Index first = head + task * block;
    forVectors(least(block, length - first), [&](Index i, Index n) {
      if (n == lanes) storePast(out + first + i, load(x + first + i));
      else storeSome(out + first + i, loadSome(x + first + i, n), n);
    });
    __atomic_thread_fence(__ATOMIC_SEQ_CST);  // such stores are ordered by fences only
  });
  return done;
}

}  // namespace SIMD_VARIANT
