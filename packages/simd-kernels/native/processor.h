// Which instruction sets this x86 processor has and the operating system lets programs use. The compilers' own test
// (__builtin_cpu_supports) needs a part of their runtime library that not every linker brings.
#pragma once

namespace {

struct Registers {
  unsigned a, b, c, d;
};

inline Registers identify(unsigned leaf, unsigned part = 0) {
  Registers r;
  asm volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "a"(leaf), "c"(part));
  return r;
}

// Register states that the operating system saves: bits 1 and 2 of 128 and 256 bits, 5 to 7 of 512, 17 and 18 of tiles.
inline unsigned savedStates() {
  constexpr unsigned osxsave = 1u << 27;
  if (!(identify(1).c & osxsave)) return 0;
  unsigned low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

constexpr unsigned bits(unsigned a, unsigned b, unsigned c = 31, unsigned d = 31) {
  return 1u << a | 1u << b | (c < 31 ? 1u << c : 0) | (d < 31 ? 1u << d : 0);
}

inline bool all(unsigned value, unsigned wanted) { return (value & wanted) == wanted; }

inline bool hasAvx2() {
  constexpr unsigned fma = 12, avx = 28, avx2 = 5;
  return identify(0).a >= 7 && all(savedStates(), bits(1, 2)) && all(identify(1).c, bits(fma, avx)) &&
         all(identify(7).b, 1u << avx2);
}

inline bool hasAvx512() {
  constexpr unsigned f = 16, dq = 17, bw = 30;
  constexpr unsigned vl = 1u << 31;
  return hasAvx2() && all(savedStates(), bits(5, 6, 7)) && all(identify(7).b, bits(f, dq, bw) | vl);
}

inline bool hasAvx512Bf16() {
  constexpr unsigned bf16 = 1u << 5;
  return hasAvx512() && identify(7).a >= 1 && all(identify(7, 1).a, bf16);
}

#if defined(__linux__)
// Tiles are 8 KiB more for the system to save with a thread, which Linux, from 5.16 on, does for processes that ask for it:
// arch_prctl(ARCH_REQ_XCOMP_PERM, number of the state). Called without libc; any other answer than 0 is no.
inline bool mayUseTiles() {
  constexpr long archPrctl = 158, requestPermission = 0x1023, tileData = 18;
  long answer;
  asm volatile("syscall"
               : "=a"(answer)
               : "a"(archPrctl), "D"(requestPermission), "S"(tileData)
               : "rcx", "r11", "memory");
  return answer == 0;
}

inline bool hasAmx() {
  constexpr unsigned bf16 = 22, tile = 24;
  return hasAvx512Bf16() && all(savedStates(), bits(17, 18)) && all(identify(7).d, bits(bf16, tile)) && mayUseTiles();
}
#endif

}  // namespace
