// The builds of kernels.cc in this library, best first; behind them those that are taken by name alone.
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
#if defined(__linux__)
namespace amx { int run(int, const double*, void* const*, Runtime&); }
#endif
#else
namespace neon { int run(int, const double*, void* const*, Runtime&); }
#endif

struct Variant {
  const char* name;
  int (*run)(int operation, const double* sizes, void* const* arrays, Runtime& runtime);
};

constexpr int mostVariants = 5;

#if defined(__x86_64__) && defined(__linux__)
// Products of bfloat16 by AMX, all else by AVX-512.
inline int runAmx(int operation, const double* sizes, void* const* arrays, Runtime& runtime) {
  const int status = amx::run(operation, sizes, arrays, runtime);
  return status == unknownOperation ? avx512bf16::run(operation, sizes, arrays, runtime) : status;
}
#endif

// Those that this processor and operating system can run; returns how many.
inline int usableVariants(Variant out[mostVariants]) {
  int count = 0;
#if defined(__x86_64__)
  if (hasAvx512Bf16()) out[count++] = {"avx512bf16", avx512bf16::run};
  if (hasAvx512()) out[count++] = {"avx512", avx512::run};
  if (hasAvx2()) out[count++] = {"avx2", avx2::run};
  out[count++] = {"sse2", sse2::run};
#if defined(__linux__)
  if (hasAmx()) out[count++] = {"amx", runAmx};  // no default: it has never run on such a processor
#endif
#else
  out[count++] = {"neon", neon::run};
#endif
  return count;
}
