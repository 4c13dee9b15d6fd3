// The vector type of the instruction set that this translation unit is compiled for, and the shape of its tile.
// SIMD_VARIANT names the namespace, so that several builds of the same source live in one library.
#pragma once
#include "core.h"

#if defined(__AVX512F__)
#define SIMD_LANES 16
#define SIMD_TILE_ROWS 12  // 24 accumulators + 2 of B + 1 broadcast of 32 registers
#define SIMD_TILE_VECTORS 2
#elif defined(__AVX2__)
#define SIMD_LANES 8
#define SIMD_TILE_ROWS 6  // 12 accumulators + 2 of B + 1 broadcast of 16 registers
#define SIMD_TILE_VECTORS 2
#elif defined(__ARM_NEON)
#define SIMD_LANES 4
#define SIMD_TILE_ROWS 8  // 24 accumulators + 3 of B of 32 registers
#define SIMD_TILE_VECTORS 3
#elif defined(__wasm__)
#define SIMD_LANES 4
#define SIMD_TILE_ROWS 2  // 8 accumulators + 4 of B + 1 broadcast + 1 product of 16 registers; 4 by 2 loads more
#define SIMD_TILE_VECTORS 4
#else
#define SIMD_LANES 4
#define SIMD_TILE_ROWS 2  // as WebAssembly, whose bits it has
#define SIMD_TILE_VECTORS 4
#endif

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define SIMD_SHUFFLE 1
#endif
#endif

namespace SIMD_VARIANT {

constexpr Index lanes = SIMD_LANES;
constexpr Index tileRows = SIMD_TILE_ROWS;
constexpr Index tileVectors = SIMD_TILE_VECTORS;
constexpr Index line = 16;  // floats of a cache line
constexpr Index tileColumns = lanes * tileVectors;

typedef float Vector __attribute__((vector_size(SIMD_LANES * 4)));
typedef float UnalignedVector __attribute__((vector_size(SIMD_LANES * 4), aligned(4), may_alias));
typedef int Mask __attribute__((vector_size(SIMD_LANES * 4)));
typedef float Quad __attribute__((vector_size(16), may_alias));  // the shortest vector, of which the others consist

static inline Vector load(const float* p) { return *reinterpret_cast<const UnalignedVector*>(p); }
static inline void store(float* p, Vector v) { *reinterpret_cast<UnalignedVector*>(p) = v; }
static inline Vector broadcast(float x) { return x - Vector{}; }

// The first `count` < lanes entries; the others are 0.
static inline Vector loadSome(const float* p, Index count) {
#if defined(__AVX512F__)
  return __builtin_ia32_loadups512_mask(p, Vector{}, static_cast<unsigned short>((1u << count) - 1));
#else
  float buffer[lanes] = {};
  for (Index i = 0; i < count; i++) buffer[i] = p[i];
  return load(buffer);
#endif
}
static inline void storeSome(float* p, Vector v, Index count) {
#if defined(__AVX512F__)
  __builtin_ia32_storeups512_mask(p, v, static_cast<unsigned short>((1u << count) - 1));
#else
  float buffer[lanes];
  store(buffer, v);
  for (Index i = 0; i < count; i++) p[i] = buffer[i];
#endif
}

// Calls f(i, count) for 0, lanes, 2·lanes…; `count` is lanes except at the end. The last, partial vector goes through
// the same arithmetic as the others, so the bits of an entry do not depend on where it lies. That takes a step which loads first
// and then reckons: compilers fuse a product with its sum only where no branch, as in loadUpTo, lies between the two.
template <class Step>
static inline void forVectors(Index n, const Step& step) {
  Index i = 0;
  for (; i + lanes <= n; i += lanes) step(i, lanes);
  if (i < n) step(i, n - i);
}

static inline Vector loadUpTo(const float* p, Index count) { return count == lanes ? load(p) : loadSome(p, count); }
static inline void storeUpTo(float* p, Vector v, Index count) {
  if (count == lanes) store(p, v);
  else storeSome(p, v, count);
}

// Whether any entry of a comparison holds.
static inline bool anyOf(Mask mask) {
#if defined(__AVX2__) && SIMD_LANES == 8
  return __builtin_ia32_movmskps256(reinterpret_cast<Vector>(mask)) != 0;
#elif defined(__SSE2__) && SIMD_LANES == 4
  return __builtin_ia32_movmskps(reinterpret_cast<Vector>(mask)) != 0;
#else
  int any = 0;
  for (Index i = 0; i < lanes; i++) any |= mask[i];
  return any != 0;
#endif
}

// A product as it is rounded by itself. Of a sum of two products compilers fuse whichever they like, and the last bit with it:
// the one that may not be fused goes through here.
template <class V>
static inline V rounded(V product) {
#if defined(__AVX512F__)
  asm("" : "+v"(product));
#elif defined(__SSE2__)
  asm("" : "+x"(product));
#elif defined(__ARM_NEON)
  asm("" : "+w"(product));
#endif
  return product;
}

static inline Vector positive(Vector v) { return v < Vector{} ? Vector{} : v; }  // keeps NaN

// What becomes of sums of columns c..c+count-1: relu(sum + bias), or nothing else where there is no bias.
static inline Vector finished(Vector sum, const float* bias, Index c, Index count) {
  return bias ? positive(sum + loadUpTo(bias + c, count)) : sum;
}

static inline void fillZero(float* p, Index n) {
  for (Index i = 0; i < n; i++) p[i] = 0;
}

}  // namespace SIMD_VARIANT
