// What pool.cc and addon.cc ask of the operating system: POSIX threads or, on Windows, its own, under the same names.
// Locks and conditions are constants at first and trivially destructible: threads of the pool may still wait when the process ends.
#pragma once
#if defined(_WIN32)
#include "threads-windows.h"
#else
#include "threads-posix.h"
#endif
