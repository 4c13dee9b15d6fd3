// The builds of kernels.cc in this library, best first.
#pragma once
#include "core.h"
#if defined(__x86_64__)
#include "processor.h"
#endif

#if defined(__x86_64__)
namespace avx512bf16 { int run(int, const double*, void* const*, Runtime&); }
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

constexpr int mostVariants = 4;

// Those that this processor and operating system can run; returns how many.
inline int usableVariants(Variant out[mostVariants]) {
  int count = 0;
#if defined(__x86_64__)
  if (hasAvx512Bf16()) out[count++] = {"avx512bf16", avx512bf16::run};
  if (hasAvx512()) out[count++] = {"avx512", avx512::run};
  if (hasAvx2()) out[count++] = {"avx2", avx2::run};
  out[count++] = {"sse2", sse2::run};
#else
  out[count++] = {"neon", neon::run};
#endif
  return count;
}
