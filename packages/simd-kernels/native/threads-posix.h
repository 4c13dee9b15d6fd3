// threads.h on POSIX.
#pragma once
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "core.h"

namespace {

struct Mutex {
  pthread_mutex_t it = PTHREAD_MUTEX_INITIALIZER;
  void lock() { pthread_mutex_lock(&it); }
  void unlock() { pthread_mutex_unlock(&it); }
};

struct Condition {
  pthread_cond_t it = PTHREAD_COND_INITIALIZER;
  void wait(Mutex& held) { pthread_cond_wait(&it, &held.it); }
  void wakeOne() { pthread_cond_signal(&it); }
  void wakeAll() { pthread_cond_broadcast(&it); }
};

// A pointer of each thread's own, given to `atEnd` when the thread ends.
struct ThreadPointer {
  pthread_key_t key;
  explicit ThreadPointer(void (*atEnd)(void*)) { pthread_key_create(&key, atEnd); }
  void* get() { return pthread_getspecific(key); }
  bool set(void* value) { return pthread_setspecific(key, value) == 0; }
};

using ThreadResult = void*;

// A thread that nobody waits for, without signals, which are for the threads of Node; false if there can be none.
inline bool startThread(ThreadResult (*work)(void*), void* argument, Size stackBytes) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, stackBytes);
  pthread_t thread;
  const bool started = pthread_create(&thread, &attributes, work, argument) == 0;
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return started;
}

// The child of a fork has only the thread that forked.
inline void aroundFork(void (*before)(), void (*inParent)(), void (*inChild)()) {
  pthread_atfork(before, inParent, inChild);
}

inline void* allocateLines(Size bytes) {
  void* block = nullptr;
  return posix_memalign(&block, 64, bytes) ? nullptr : block;
}
inline void freeLines(void* block) { free(block); }

// Node unloads the addon of a worker thread that ends; threads must not lose their code, of which `inside` is an address.
inline void keepLoaded(void* inside) {
  Dl_info library;
  if (dladdr(inside, &library) && library.dli_fname) dlopen(library.dli_fname, RTLD_NOW | RTLD_NODELETE);
}

}  // namespace
