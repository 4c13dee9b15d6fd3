// What the machine can do at most: multiply-adds that never leave the registers, and a copy. Benchmarks divide by them.
//
// Limits. Each multiply-add is rounded once or twice, as the instruction set has it; factor and addend are float32.
#pragma once
#include "numbers.h"
#include "passes.h"

namespace SIMD_VARIANT {

// Chains that run side by side: enough to hide the latency of a multiply-add (4 cycles, 2 a cycle), few enough that
// they and the two constants fit in the registers of every instruction set.
constexpr Index chains = 12;

// values[i] = step(values[i]), `rounds` times over. Each value is a chain of its own: none can be left out.
template <class Step>
static int chain(Runtime& runtime, float* values, Index length, Index rounds, const Step& step) {
  constexpr Index block = chains * lanes;
  parallel(runtime, divideUp(length, block), 2.0 * length * rounds, [&](Index task) {
    const Index first = task * block;
    if (first + block <= length) {
      Vector v[chains];
#pragma GCC unroll 16
      for (Index c = 0; c < chains; c++) v[c] = load(values + first + c * lanes);
      for (Index round = 0; round < rounds; round++)
#pragma GCC unroll 16
        for (Index c = 0; c < chains; c++) v[c] = step(v[c]);
#pragma GCC unroll 16
      for (Index c = 0; c < chains; c++) store(values + first + c * lanes, v[c]);
      return;
    }
    forVectors(length - first, [&](Index i, Index n) {
      Vector v = loadUpTo(values + first + i, n);
      for (Index round = 0; round < rounds; round++) v = step(v);
      storeUpTo(values + first + i, v, n);
    });
  });
  return done;
}



// Threads share blocks of 256 KiB.
static int copy(Runtime& runtime, const float* x, float* out, Index length) {
  constexpr Index block = 65536;
  const Size misplaced = reinterpret_cast<Size>(out) % 16;
  const Index head = least(length, misplaced ? static_cast<Index>((16 - misplaced) / sizeof(float)) : 0);
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

static int run(Runtime& runtime, const MultiplyAddChainArguments& a) {
  const Vector factor = broadcast(static_cast<float>(a.factor)), addend = broadcast(static_cast<float>(a.addend));
  if (a.precision == Precision::float32)
    return chain(runtime, a.values, a.length, a.rounds, [=](Vector v) { return v * factor + addend; });
  const Vector factors = Bfloat16::combine(factor, factor), addends = Bfloat16::combine(addend, addend);
  return chain(runtime, a.values, a.length, a.rounds,
               [=](Vector v) { return Bfloat16::addProducts(v, factors, addends); });
}

static int run(Runtime& runtime, const CopyArguments& a) { return copy(runtime, a.x, a.out, a.length); }

}  // namespace SIMD_VARIANT
