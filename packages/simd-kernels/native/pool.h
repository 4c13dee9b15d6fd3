// A Runtime on POSIX threads: one pool for the process, started at first use.
#pragma once
#include "core.h"

// Runs `operation` with a Runtime of `threads` threads. One operation runs at a time: callers from other JavaScript
// threads wait their turn.
int withPool(int threads, int (*operation)(void* context, Runtime& runtime), void* context);
