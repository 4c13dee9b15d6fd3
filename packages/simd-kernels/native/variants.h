// The builds of kernels.cc in this library, best first.
#pragma once
#include "core.h"

#if defined(__x86_64__)
namespace avx512 { int run(int, const double*, void* const*, Runtime&); }
namespace avx2 { int run(int, const double*, void* const*, Runtime&); }
namespace sse2 { int run(int, const double*, void* const*, Runtime&); }
#else
namespace neon { int run(int, const double*, void* const*, Runtime&); }
#endif

struct Variant {
  const char* name;
  int (*run)(int operation, const double* sizes, void* const* arrays, Runtime& runtime);
};

// Those that this processor and operating system can run; returns how many.
inline int usableVariants(Variant out[3]) {
  int count = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma"))
    out[count++] = {"avx512", avx512::run};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) out[count++] = {"avx2", avx2::run};
  out[count++] = {"sse2", sse2::run};
#else
  out[count++] = {"neon", neon::run};
#endif
  return count;
}
