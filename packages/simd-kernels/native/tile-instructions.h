// The instructions of AMX, each as it is. In assembly, as compilers' own names for them take numbers of tiles from macros.
#pragma once
#include "core.h"

namespace SIMD_VARIANT {

struct TileInstructions {
  static void configure(const void* shapes) { asm volatile("ldtilecfg %0" : : "m"(*static_cast<const char(*)[64]>(shapes))); }
  static void release() { asm volatile("tilerelease"); }
  template <int Tile>
  static void zero() {
    asm volatile("tilezero %%tmm%c0" : : "i"(Tile));
  }
  // Rows `rowBytes` apart; as many, and of as many bytes, as the tile has.
  template <int Tile>
  static void load(const float* from, Size rowBytes) {
    asm volatile("tileloadd (%1,%2,1), %%tmm%c0" : : "i"(Tile), "r"(from), "r"(rowBytes) : "memory");
  }
  template <int Tile>
  static void store(float* to, Size rowBytes) {
    asm volatile("tilestored %%tmm%c0, (%1,%2,1)" : : "i"(Tile), "r"(to), "r"(rowBytes) : "memory");
  }
  // C += A · B
  template <int C, int A, int B>
  static void multiply() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(C), "i"(A), "i"(B));
  }
};

}  // namespace SIMD_VARIANT
