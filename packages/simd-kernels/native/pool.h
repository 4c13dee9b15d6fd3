// A Runtime on threads of the system: one pool for the process, started at first use.
#pragma once
#include "core.h"

// Runs `operation` with a Runtime of `threads` threads. One operation has the pool at a time: callers from other JavaScript
// threads wait their turn, but for those of one thread, which run at once on the caller's own thread.
int withPool(int threads, int (*operation)(void* context, Runtime& runtime), void* context);
