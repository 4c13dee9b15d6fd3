#include "pool.h"

#include <stdlib.h>

#include "threads.h"

namespace {

constexpr int mostWorkers = 255;
constexpr int spins = 2000;  // about 50 µs: the next operation of a training step usually comes sooner
constexpr int mostBlocks = 16;
constexpr Size stackBytes = 2 << 20;

struct Job {
  Index tasks;
  void (*task)(void*, Index);
  void* context;
  int workers;  // workers 0..workers-1 take part
};

// Everything is trivially destructible: workers may still wait here while the process exits.
struct Pool {
  Mutex operation;  // held for a whole operation
  Mutex lock;       // guards job and the sleepers
  Condition posted;
  Condition finished;
  Job job{};
  unsigned generation = 0;  // of the job
  bool open = false;        // workers may still join it
  int inside = 0;           // workers that have joined and not left it
  Index next = 0;           // first task that nobody has taken
  int started = 0;          // threads in the pool
};
Pool pool;

// Working space, kept between operations so that a training step settles on its own set of blocks.
struct Blocks {
  void* data[mostBlocks];
  Size sizes[mostBlocks];
  int used;  // given out in this operation
};
Blocks shared;  // of operations that use the pool

// Of operations that run on their own thread alone; a thread that ends takes it along.
void freeBlocks(void* blocks) {
  for (void* data : static_cast<Blocks*>(blocks)->data) freeLines(data);
  free(blocks);
}
ThreadPointer mine(freeBlocks);

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

void takeTasks(const Job& job) {
  for (;;) {
    const Index i = __atomic_fetch_add(&pool.next, 1, __ATOMIC_RELAXED);
    if (i >= job.tasks) return;
    job.task(job.context, i);
  }
}

ThreadResult work(void* argument) {
  const Index self = reinterpret_cast<Index>(argument);
  unsigned seen = 0;  // the first job posted after the start has a generation of at least 1
  for (;;) {
    for (int i = 0; i < spins && __atomic_load_n(&pool.generation, __ATOMIC_ACQUIRE) == seen; i++) relax();
    pool.lock.lock();
    while (pool.generation == seen) pool.posted.wait(pool.lock);
    seen = pool.generation;
    const bool joins = pool.open && self < pool.job.workers;
    if (joins) pool.inside++;
    const Job job = pool.job;
    pool.lock.unlock();
    if (!joins) continue;
    takeTasks(job);
    pool.lock.lock();
    if (__atomic_sub_fetch(&pool.inside, 1, __ATOMIC_ACQ_REL) == 0) pool.finished.wakeOne();
    pool.lock.unlock();
  }
  return {};
}

// The child of a fork has only the thread that forked.
void beforeFork() { pool.operation.lock(); }
void afterForkInParent() { pool.operation.unlock(); }
void afterForkInChild() {
  pool.operation = {};
  pool.lock = {};
  pool.posted = {};
  pool.finished = {};
  pool.started = 0;
  pool.generation = 0;
  pool.open = false;
  pool.inside = 0;
}

void startWorkers(int wanted) {
  if (pool.started >= wanted) return;
  static bool first = true;
  if (first) aroundFork(beforeFork, afterForkInParent, afterForkInChild);
  first = false;
  while (pool.started < wanted) {
    if (!startThread(work, reinterpret_cast<void*>(static_cast<Index>(pool.started)), stackBytes)) break;
    pool.started++;
  }
}

void runTasks(Runtime* runtime, Index tasks, void (*task)(void*, Index), void* context) {
  const int wanted = static_cast<int>(least(least(runtime->threads - 1, tasks - 1), mostWorkers));
  startWorkers(wanted);  // may start fewer: the tasks are taken all the same
  const Job job{tasks, task, context, static_cast<int>(least(wanted, pool.started))};
  pool.lock.lock();
  pool.job = job;
  pool.next = 0;
  pool.open = true;
  __atomic_add_fetch(&pool.generation, 1, __ATOMIC_RELEASE);
  pool.posted.wakeAll();
  pool.lock.unlock();
  takeTasks(job);
  // All tasks are taken: a worker that the system has not woken yet is not waited for.
  pool.lock.lock();
  pool.open = false;
  pool.lock.unlock();
  for (int i = 0; i < spins && __atomic_load_n(&pool.inside, __ATOMIC_ACQUIRE) > 0; i++) relax();
  pool.lock.lock();
  while (pool.inside > 0) pool.finished.wait(pool.lock);
  pool.lock.unlock();
}

void* give(Blocks& blocks, Size bytes) {
  if (blocks.used == mostBlocks) return nullptr;
  const int i = blocks.used++;
  if (blocks.sizes[i] < bytes) {
    freeLines(blocks.data[i]);
    blocks.sizes[i] = 0;
    blocks.data[i] = allocateLines(bytes);
    if (!blocks.data[i]) return nullptr;
    blocks.sizes[i] = bytes;
  }
  return blocks.data[i];
}
void* giveShared(Runtime*, Size bytes) { return give(shared, bytes); }
void* giveMine(Runtime*, Size bytes) { return give(*static_cast<Blocks*>(mine.get()), bytes); }

int aloneOnThread(int (*operation)(void*, Runtime&), void* context) {
  Blocks* blocks = static_cast<Blocks*>(mine.get());
  if (!blocks) {
    blocks = static_cast<Blocks*>(calloc(1, sizeof(Blocks)));
    if (!blocks || !mine.set(blocks)) {
      free(blocks);
      return outOfMemory;
    }
  }
  blocks->used = 0;
  Runtime runtime{1, giveMine, nullptr};
  return operation(context, runtime);
}

}  // namespace

// One operation at a time has the pool; one that asks for a single thread needs no pool and waits for nobody.
int withPool(int threads, int (*operation)(void*, Runtime&), void* context) {
  if (threads <= 1) return aloneOnThread(operation, context);
  pool.operation.lock();
  shared.used = 0;
  Runtime runtime{threads, giveShared, runTasks};
  const int result = operation(context, runtime);
  pool.operation.unlock();
  return result;
}
