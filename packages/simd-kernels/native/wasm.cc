// The WebAssembly module: `reserve` makes room for the arrays of one operation, `run` runs it. Memory above the
// arrays is scratch; everything is given up at the next `reserve`.
#include "core.h"

namespace simd128 { int run(int, const double*, void* const*, Runtime&); }

extern "C" {
extern unsigned char __heap_base;

// The compiler may call these for loops that it recognises; with bulk memory each is one instruction.
void* memcpy(void* to, const void* from, Size count) { return __builtin_memcpy(to, from, count); }
void* memmove(void* to, const void* from, Size count) { return __builtin_memmove(to, from, count); }
void* memset(void* to, int value, Size count) { return __builtin_memset(to, value, count); }
}

namespace {

constexpr unsigned long long pageBytes = 65536;
unsigned long long used;  // end of what is given out

// Address of `bytes` bytes after what is in use, or 0 when memory cannot grow that far.
Size take(unsigned long long bytes) {
  const unsigned long long start = (used + 63) / 64 * 64, end = start + bytes;
  const unsigned long long have = __builtin_wasm_memory_size(0) * pageBytes;
  if (end > have) {
    const unsigned long long pages = (end - have + pageBytes - 1) / pageBytes;
    if (pages > 65536 || __builtin_wasm_memory_grow(0, static_cast<Size>(pages)) == ~Size{0}) return 0;
  }
  used = end;
  return static_cast<Size>(start);
}

void* giveScratch(Runtime*, Size bytes) { return reinterpret_cast<void*>(take(bytes)); }

void runTasks(Runtime*, Index tasks, void (*task)(void*, Index), void* context) {
  for (Index i = 0; i < tasks; i++) task(context, i);
}

}  // namespace

extern "C" __attribute__((export_name("reserve"))) Size reserve(double bytes) {
  used = reinterpret_cast<Size>(&__heap_base);
  return bytes < 4294967296.0 ? take(static_cast<unsigned long long>(bytes)) : 0;
}

extern "C" __attribute__((export_name("run"))) int run(int operation, const double* sizes, void* const* arrays) {
  Runtime runtime{1, giveScratch, runTasks};
  return simd128::run(operation, sizes, arrays, runtime);
}
