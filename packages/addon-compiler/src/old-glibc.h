// Included before everything else in the files that call the C library: binds these calls to their first versions, so
// that an addon built against a new glibc loads with an old one. Node 20 asks for glibc 2.28; functions that moved into
// libc.so in 2.32 and 2.34 would ask for these. scripts/release/addon-faults.mjs checks the outcome.
#pragma once
#include <features.h>

#if defined(__GLIBC__) && defined(__x86_64__)
#define FIRST_VERSION "GLIBC_2.2.5"
#elif defined(__GLIBC__) && defined(__aarch64__)
#define FIRST_VERSION "GLIBC_2.17"
#endif

#if defined(FIRST_VERSION)
__asm__(".symver dladdr, dladdr@" FIRST_VERSION);
__asm__(".symver dlclose, dlclose@" FIRST_VERSION);
__asm__(".symver dlerror, dlerror@" FIRST_VERSION);
__asm__(".symver dlopen, dlopen@" FIRST_VERSION);
__asm__(".symver dlsym, dlsym@" FIRST_VERSION);
__asm__(".symver pthread_attr_setstacksize, pthread_attr_setstacksize@" FIRST_VERSION);
__asm__(".symver pthread_create, pthread_create@" FIRST_VERSION);
__asm__(".symver pthread_detach, pthread_detach@" FIRST_VERSION);
__asm__(".symver pthread_getspecific, pthread_getspecific@" FIRST_VERSION);
__asm__(".symver pthread_key_create, pthread_key_create@" FIRST_VERSION);
__asm__(".symver pthread_mutex_trylock, pthread_mutex_trylock@" FIRST_VERSION);
__asm__(".symver pthread_setspecific, pthread_setspecific@" FIRST_VERSION);
__asm__(".symver pthread_sigmask, pthread_sigmask@" FIRST_VERSION);
#endif
