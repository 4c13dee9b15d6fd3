// threads.h on Windows.
#pragma once
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <malloc.h>
#include <stdlib.h>
#include <windows.h>

#include "core.h"

namespace {

struct Mutex {
  SRWLOCK it = SRWLOCK_INIT;
  void lock() { AcquireSRWLockExclusive(&it); }
  void unlock() { ReleaseSRWLockExclusive(&it); }
};

struct Condition {
  CONDITION_VARIABLE it = CONDITION_VARIABLE_INIT;
  void wait(Mutex& held) { SleepConditionVariableSRW(&it, &held.it, INFINITE, 0); }
  void wakeOne() { WakeConditionVariable(&it); }
  void wakeAll() { WakeAllConditionVariable(&it); }
};

// A pointer of each thread's own, given to `atEnd` when the thread ends. Storage of fibers: that of threads calls nobody.
struct ThreadPointer {
  DWORD key;
  explicit ThreadPointer(void (*atEnd)(void*)) : key(FlsAlloc(atEnd)) {}
  void* get() { return FlsGetValue(key); }
  bool set(void* value) { return FlsSetValue(key, value); }
};

using ThreadResult = DWORD;

// A thread that nobody waits for; false if there can be none.
inline bool startThread(ThreadResult (*work)(void*), void* argument, Size stackBytes) {
  const HANDLE thread = CreateThread(nullptr, stackBytes, work, argument, STACK_SIZE_PARAM_IS_A_RESERVATION, nullptr);
  if (thread) CloseHandle(thread);
  return thread;
}

inline void aroundFork(void (*)(), void (*)(), void (*)()) {}  // there is none

inline void* allocateLines(Size bytes) { return _aligned_malloc(bytes, 64); }
inline void freeLines(void* block) { _aligned_free(block); }

// Node unloads the addon of a worker thread that ends; threads must not lose their code, of which `inside` is an address.
inline void keepLoaded(void* inside) {
  HMODULE library;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, static_cast<LPCWSTR>(inside),
                     &library);
}

}  // namespace
