#include "pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

namespace {

constexpr int mostWorkers = 255;
constexpr int spins = 2000;  // about 50 µs: the next operation of a training step usually comes sooner
constexpr int mostBlocks = 16;

struct Job {
  Index tasks;
  void (*task)(void*, Index);
  void* context;
  int workers;  // workers 0..workers-1 take part
};

// Everything is trivially destructible: workers may still wait here while the process exits.
struct Pool {
  pthread_mutex_t operation = PTHREAD_MUTEX_INITIALIZER;  // held for a whole operation
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;       // guards job and the sleepers
  pthread_cond_t posted = PTHREAD_COND_INITIALIZER;
  pthread_cond_t finished = PTHREAD_COND_INITIALIZER;
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
Blocks shared;         // of operations that use the pool
__thread Blocks mine;  // of operations that run on their own thread alone

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

void* work(void* argument) {
  const long self = reinterpret_cast<long>(argument);
  unsigned seen = 0;  // the first job posted after the start has a generation of at least 1
  for (;;) {
    for (int i = 0; i < spins && __atomic_load_n(&pool.generation, __ATOMIC_ACQUIRE) == seen; i++) relax();
    pthread_mutex_lock(&pool.lock);
    while (pool.generation == seen) pthread_cond_wait(&pool.posted, &pool.lock);
    seen = pool.generation;
    const bool joins = pool.open && self < pool.job.workers;
    if (joins) pool.inside++;
    const Job job = pool.job;
    pthread_mutex_unlock(&pool.lock);
    if (!joins) continue;
    takeTasks(job);
    pthread_mutex_lock(&pool.lock);
    if (__atomic_sub_fetch(&pool.inside, 1, __ATOMIC_ACQ_REL) == 0) pthread_cond_signal(&pool.finished);
    pthread_mutex_unlock(&pool.lock);
  }
  return nullptr;
}

// The child of a fork has only the thread that forked.
void beforeFork() { pthread_mutex_lock(&pool.operation); }
void afterForkInParent() { pthread_mutex_unlock(&pool.operation); }
void afterForkInChild() {
  pool.operation = PTHREAD_MUTEX_INITIALIZER;
  pool.lock = PTHREAD_MUTEX_INITIALIZER;
  pool.posted = PTHREAD_COND_INITIALIZER;
  pool.finished = PTHREAD_COND_INITIALIZER;
  pool.started = 0;
  pool.generation = 0;
  pool.open = false;
  pool.inside = 0;
}

void startWorkers(int wanted) {
  if (pool.started >= wanted) return;
  static bool first = true;
  if (first) pthread_atfork(beforeFork, afterForkInParent, afterForkInChild);
  first = false;
  sigset_t all, before;  // signals are for the threads of Node
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 2 << 20);
  while (pool.started < wanted) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, work, reinterpret_cast<void*>(static_cast<long>(pool.started)))) break;
    pool.started++;
  }
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void runTasks(Runtime* runtime, Index tasks, void (*task)(void*, Index), void* context) {
  const int wanted = static_cast<int>(least(least(runtime->threads - 1, tasks - 1), mostWorkers));
  startWorkers(wanted);  // may start fewer: the tasks are taken all the same
  const Job job{tasks, task, context, static_cast<int>(least(wanted, pool.started))};
  pthread_mutex_lock(&pool.lock);
  pool.job = job;
  pool.next = 0;
  pool.open = true;
  __atomic_add_fetch(&pool.generation, 1, __ATOMIC_RELEASE);
  pthread_cond_broadcast(&pool.posted);
  pthread_mutex_unlock(&pool.lock);
  takeTasks(job);
  // All tasks are taken: a worker that the system has not woken yet is not waited for.
  pthread_mutex_lock(&pool.lock);
  pool.open = false;
  pthread_mutex_unlock(&pool.lock);
  for (int i = 0; i < spins && __atomic_load_n(&pool.inside, __ATOMIC_ACQUIRE) > 0; i++) relax();
  pthread_mutex_lock(&pool.lock);
  while (pool.inside > 0) pthread_cond_wait(&pool.finished, &pool.lock);
  pthread_mutex_unlock(&pool.lock);
}

void* give(Blocks& blocks, Size bytes) {
  if (blocks.used == mostBlocks) return nullptr;
  const int i = blocks.used++;
  if (blocks.sizes[i] < bytes) {
    free(blocks.data[i]);
    blocks.data[i] = nullptr;
    blocks.sizes[i] = 0;
    void* block = nullptr;
    if (posix_memalign(&block, 64, bytes)) return nullptr;
    blocks.data[i] = block;
    blocks.sizes[i] = bytes;
  }
  return blocks.data[i];
}
void* giveShared(Runtime*, Size bytes) { return give(shared, bytes); }
void* giveMine(Runtime*, Size bytes) { return give(mine, bytes); }

// A thread that ends takes its working space along.
pthread_key_t endOfThread;
void freeMine(void*) {
  for (int i = 0; i < mostBlocks; i++) free(mine.data[i]);
}
void makeKey() { pthread_key_create(&endOfThread, freeMine); }

int aloneOnThread(int (*operation)(void*, Runtime&), void* context) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, makeKey);
  pthread_setspecific(endOfThread, &mine);
  mine.used = 0;
  Runtime runtime{1, giveMine, nullptr};
  return operation(context, runtime);
}

}  // namespace

// One operation at a time has the pool; one that asks for a single thread needs no pool and waits for nobody.
int withPool(int threads, int (*operation)(void*, Runtime&), void* context) {
  if (threads <= 1) return aloneOnThread(operation, context);
  pthread_mutex_lock(&pool.operation);
  shared.used = 0;
  Runtime runtime{threads, giveShared, runTasks};
  const int result = operation(context, runtime);
  pthread_mutex_unlock(&pool.operation);
  return result;
}
