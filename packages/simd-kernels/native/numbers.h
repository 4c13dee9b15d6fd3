// The numbers that the operands of a product consist of. The tile reads words of 32 bits: one float32 number, or two of bfloat16,
// the first in the lower half. Sums are float32.
//
// bfloat16 is as AVX-512-BF16 has it, to the bit, also where the instruction is missing and other instructions take its place:
// a number is rounded to the nearest, of two as near to the even one; below 2⁻¹²⁶ it is zero with its sign; NaN stays NaN. Two words
// join a sum by two fused multiply-adds, that of the *second* numbers first, each rounded to nearest even and, below 2⁻¹²⁶, to zero;
// AMX rounds operands alike and has sums of its own (amx-tile.h).
// Without the instruction three cases far from use differ: products beyond 2¹²⁸, products below 2⁻¹²⁶ without a fused multiply-add,
// and sums less than 2⁻¹⁵⁰ below 2⁻¹²⁶, which count as 2⁻¹²⁶.
#pragma once
#include "vector.h"

namespace SIMD_VARIANT {

struct Float32 {
  static constexpr Index perWord = 1;
  static Index words(Index numbers) { return numbers; }
  // A word in every lane.
  static Vector spread(const float* word) { return broadcast(*word); }
  // The sum and the products of the numbers of two words.
  static Vector addProducts(Vector sum, Vector x, Vector w) { return sum + x * w; }
  // Words of first and second numbers; without the second where a word has one.
  static Vector combine(Vector first, Vector) { return first; }
  // Writes the words of `count` neighbouring numbers.
  static void storeNumbers(float* words, Vector numbers, Index count) { storeUpTo(words, numbers, count); }
};

// Rounds to bfloat16, in the lower 16 bits.
static inline unsigned nearestBfloat16(float x) {
  unsigned bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  if ((bits & 0x7fffffff) > 0x7f800000) return bits >> 16 | 0x40;  // NaN, quiet
  if ((bits & 0x7f800000) == 0) return bits >> 16 & 0x8000;
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

// The numbers of two vectors, rounded, one behind the other.
static inline Vector joinBfloat16(Vector first, Vector second) {
  Vector words;
#if defined(__AVX512BF16__)
  asm("vcvtne2ps2bf16 %1, %2, %0" : "=v"(words) : "v"(first), "v"(second));
#else
  unsigned short numbers[2 * lanes];
  for (Index i = 0; i < lanes; i++) {
    numbers[i] = static_cast<unsigned short>(nearestBfloat16(first[i]));
    numbers[lanes + i] = static_cast<unsigned short>(nearestBfloat16(second[i]));
  }
  __builtin_memcpy(&words, numbers, sizeof words);
#endif
  return words;
}

struct Bfloat16 {
  static constexpr Index perWord = 2;
  static Index words(Index numbers) { return divideUp(numbers, 2); }
  static Vector spread(const float* word) {
    int bits;
    __builtin_memcpy(&bits, word, sizeof bits);
    return reinterpret_cast<Vector>(bits - Mask{});
  }
  static Vector addProducts(Vector sum, Vector x, Vector w) {
#if defined(__AVX512BF16__)
    asm("vdpbf16ps %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w));
    return sum;
#else
    return flushed(flushed(sum + second(x) * second(w)) + first(x) * first(w));
#endif
  }
  static Vector combine(Vector first, Vector second) {
#if defined(__AVX512BF16__)
    alignas(64) static constexpr unsigned short order[] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                                           8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    Vector words, places;
    __builtin_memcpy(&places, order, sizeof places);
    asm("vpermw %1, %2, %0" : "=v"(words) : "v"(joinBfloat16(first, second)), "v"(places));
    return words;
#else
    Mask words{};
    for (Index i = 0; i < lanes; i++)
      words[i] = static_cast<int>(nearestBfloat16(second[i]) << 16 | nearestBfloat16(first[i]));
    return reinterpret_cast<Vector>(words);
#endif
  }
  static void storeNumbers(float* words, Vector numbers, Index count) {
#if defined(__AVX512BF16__)
    if (count == lanes) {
      float half __attribute__((vector_size(sizeof(Vector) / 2)));
      asm("vcvtneps2bf16 %1, %0" : "=v"(half) : "v"(numbers));
      __builtin_memcpy(words, &half, sizeof half);
      return;
    }
#endif
    storeSome(words, joinBfloat16(numbers, Vector{}), Bfloat16::words(count));
  }

 private:
  static Vector first(Vector words) { return reinterpret_cast<Vector>(reinterpret_cast<Mask>(words) << 16); }
  static Vector second(Vector words) {
    return reinterpret_cast<Vector>(reinterpret_cast<Mask>(words) & ~0xffff);
  }
  static Vector flushed(Vector v) {
    const Mask bits = reinterpret_cast<Mask>(v), tiny = (bits & 0x7f800000) == 0;
    return reinterpret_cast<Vector>(bits & (~tiny | (1 << 31)));
  }
};

// Words of the numbers of a row, the last filled up with zero.
static void roundRow(const float* row, Index count, float* words) {
  Index i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) store(words + i / 2, joinBfloat16(load(row + i), load(row + i + lanes)));
  for (; i < count; i += lanes) {
    const Index some = least(lanes, count - i);
    Bfloat16::storeNumbers(words + i / 2, loadUpTo(row + i, some), some);
  }
}

// Words of the numbers of two rows; without a second one of the first and zeros.
static void pairRows(const float* first, const float* second, Index columns, float* words) {
  forVectors(columns, [&](Index c, Index some) {
    const Vector below = second ? loadUpTo(second + c, some) : Vector{};
    storeUpTo(words + c, Bfloat16::combine(loadUpTo(first + c, some), below), some);
  });
}

// Calls with(numbers) for the numbers that a call asks for; AMX has no products of float32.
template <class With>
static inline int withNumbers(Precision precision, const With& with) {
#if defined(__AMX_BF16__)
  return precision == Precision::bfloat16 ? with(Bfloat16{}) : unknownOperation;
#else
  return precision == Precision::bfloat16 ? with(Bfloat16{}) : with(Float32{});
#endif
}

}  // namespace SIMD_VARIANT
