// The Node-API addon: `interfaceOf(path)`, `open(path)`, `collective(kind, argument, received, sent)`, `abort(status)` and `close()`.
// One thread of the process makes every call of the library but MPI_Abort, in the order in which they were asked for. It starts a
// collective and then asks whether it has ended, ever more seldom: a rank that waits for others leaves its processor to whoever
// computes, and whoever wants to abort gets the library between two questions.
#include <errno.h>
#include <node_api.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "interface.h"

namespace {

enum class Kind { broadcast, allReduce, allGather, allToAll, barrier, open, close };

struct Job {
  Kind kind;
  int argument; // root, or Operation
  void *received, *sent;
  int count; // elements of `received`, of the block of one rank for allGather and allToAll
  Handle element;
  napi_deferred deferred;
  napi_ref arrays[2]; // keep the memory while the library writes
  char fault[longestErrorText + 64]; // empty: went well
  Job* next;
};

Interface is;
bool opened = false, closing = false; // of the thread of JavaScript that opened
int ownRank = 0, ranks = 1;
char libraryText[longestLibraryText];
pthread_mutex_t library = PTHREAD_MUTEX_INITIALIZER; // held around every call: MPI_THREAD_SERIALIZED
pthread_mutex_t queue = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
Job *first = nullptr, **last = &first;
napi_threadsafe_function ended;
int pending = 0; // jobs whose promises are open: only they keep the process alive

void describe(Job& job, const char* what, int code) {
  int length = 0;
  strcpy(job.fault, what);
  strcat(job.fault, ": ");
  char text[longestErrorText] = "";
  is.call.errorText(code, text, &length);
  strncat(job.fault, text, longestErrorText);
}

int start(Job& job, Handle* request) {
  const Handle operation = is.operations[job.kind == Kind::allReduce ? job.argument : 0];
  switch (job.kind) {
    case Kind::broadcast: return is.call.broadcast(job.received, job.count, job.element, job.argument, is.world, request);
    case Kind::allReduce:
      return is.call.allReduce(is.inPlace, job.received, job.count, job.element, operation, is.world, request);
    case Kind::allGather:
      return is.call.allGather(job.sent, job.count, job.element, job.received, job.count, job.element, is.world, request);
    case Kind::allToAll:
      return is.call.allToAll(job.sent, job.count, job.element, job.received, job.count, job.element, is.world, request);
    default: return is.call.barrier(is.world, request);
  }
}

void runCollective(Job& job) {
  Handle request = nullptr;
  char status[256]; // larger than any library's MPI_Status
  pthread_mutex_lock(&library);
  int code = start(job, &request), done = 0;
  pthread_mutex_unlock(&library);
  for (int asked = 0; code == 0; asked++) {
    pthread_mutex_lock(&library);
    code = is.call.test(&request, &done, status);
    pthread_mutex_unlock(&library);
    if (done || code != 0) break;
    constexpr int eager = 1000; // some tenths of a millisecond
    const timespec pause = {0, asked < 4 * eager ? 20'000 : 200'000};
    if (asked < eager) sched_yield();
    else nanosleep(&pause, nullptr);
  }
  if (code != 0) describe(job, "the MPI library reports", code);
}

void runOpen(Job& job) {
  int provided = 0;
  pthread_mutex_lock(&library);
  int code = is.call.initThread(nullptr, nullptr, is.serialized, &provided);
  if (code == 0) code = is.call.setErrorHandler(is.world, is.errorsReturn);
  if (code == 0) code = is.call.rank(is.world, &ownRank);
  if (code == 0) code = is.call.size(is.world, &ranks);
  pthread_mutex_unlock(&library);
  if (code != 0) strcpy(job.fault, "the MPI library could not start: MPI_Init_thread failed");
  else if (provided < is.serialized) strcpy(job.fault, "the MPI library was built without MPI_THREAD_SERIALIZED");
}

void runClose(Job& job) {
  pthread_mutex_lock(&library);
  const int code = is.call.finalize();
  pthread_mutex_unlock(&library);
  if (code != 0) describe(job, "MPI_Finalize", code);
}

void* work(void*) {
  for (;;) {
    pthread_mutex_lock(&queue);
    while (!first) pthread_cond_wait(&filled, &queue);
    Job* job = first;
    if (!(first = job->next)) last = &first;
    pthread_mutex_unlock(&queue);
    const bool closes = job->kind == Kind::close;
    if (job->kind == Kind::open) runOpen(*job);
    else if (closes) runClose(*job);
    else runCollective(*job);
    napi_call_threadsafe_function(ended, job, napi_tsfn_blocking);
    if (closes) return nullptr;
  }
}

void setNumber(napi_env env, napi_value object, const char* name, int value) {
  napi_value number;
  napi_create_int32(env, value, &number);
  napi_set_named_property(env, object, name, number);
}

void setText(napi_env env, napi_value object, const char* name, const char* value) {
  napi_value text;
  napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &text);
  napi_set_named_property(env, object, name, text);
}

// Settles the promise of a job, in the thread of JavaScript.
void settle(napi_env env, napi_value, void*, void* data) {
  Job* job = static_cast<Job*>(data);
  if (env) {
    for (napi_ref array : job->arrays)
      if (array) napi_delete_reference(env, array);
    napi_value result, message;
    if (job->fault[0]) {
      napi_create_string_utf8(env, job->fault, NAPI_AUTO_LENGTH, &message);
      napi_create_error(env, nullptr, message, &result);
      napi_reject_deferred(env, job->deferred, result);
    } else {
      napi_create_object(env, &result);
      if (job->kind == Kind::open) {
        setNumber(env, result, "rank", ownRank);
        setNumber(env, result, "size", ranks);
        setText(env, result, "library", libraryText);
        setText(env, result, "interface", is.name);
      }
      napi_resolve_deferred(env, job->deferred, result);
    }
    if (--pending == 0) napi_unref_threadsafe_function(env, ended);
  }
  free(job);
}

napi_value submit(napi_env env, Job* job) {
  napi_value promise;
  napi_create_promise(env, &job->deferred, &promise);
  if (pending++ == 0) napi_ref_threadsafe_function(env, ended);
  job->next = nullptr;
  pthread_mutex_lock(&queue);
  *last = job;
  last = &job->next;
  pthread_cond_signal(&filled);
  pthread_mutex_unlock(&queue);
  return promise;
}

napi_value fail(napi_env env, const char* message) {
  napi_throw_error(env, nullptr, message);
  return nullptr;
}

constexpr size_t longestPath = 4096;

bool readPath(napi_env env, napi_callback_info info, char* path) {
  napi_value argument;
  size_t count = 1, length = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  return napi_get_value_string_utf8(env, argument, path, longestPath, &length) == napi_ok;
}

// interfaceOf(path): its name; throws why the library cannot be used. Opened for itself alone, so that the names of a library that
// is not taken stay out of the way of the one that is.
napi_value interfaceOf(napi_env env, napi_callback_info info) {
  char path[longestPath];
  if (!readPath(env, info, path)) return fail(env, "internal: expected interfaceOf(path)");
  void* found = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  if (!found) return fail(env, dlerror());
  Interface candidate{};
  const bool known = interfaces::recognise(found, candidate);
  const char* missing = known ? interfaces::findFunctions(found, candidate.call) : nullptr;
  dlclose(found);
  char message[longestPath + 128];
  strcpy(message, path);
  if (!known) return fail(env, strcat(message, " exports no interface of Open MPI, MPICH or the MPI standard"));
  if (missing) return fail(env, strcat(strcat(message, " lacks "), missing));
  napi_value name;
  napi_create_string_utf8(env, candidate.name, NAPI_AUTO_LENGTH, &name);
  return name;
}

// At the end of the environment no array may be written any more: nobody gets the library from here on.
void leave(void*) {
  constexpr timespec pause = {0, 1'000'000};
  // For a second: a library that hangs in its start does not keep the process. (macOS has no pthread_mutex_timedlock.)
  for (int asked = 0; asked < 1000 && pthread_mutex_trylock(&library) != 0; asked++) nanosleep(&pause, nullptr);
}

// open(path): a promise of { rank, size, library, interface }.
napi_value open(napi_env env, napi_callback_info info) {
  char path[longestPath];
  if (!readPath(env, info, path)) return fail(env, "internal: expected open(path)");
  if (opened) return fail(env, "an MPI library can be opened once in a process");
  // Its own plug-ins look for the library's names among those of the process.
  void* found = dlopen(path, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
  if (!found) return fail(env, dlerror());
  if (!interfaces::recognise(found, is) || interfaces::findFunctions(found, is.call))
    return fail(env, "internal: expected a library that interfaceOf takes");
  int length = 0;
  is.call.libraryText(libraryText, &length);
  napi_value name;
  napi_create_string_utf8(env, "mpi-collectives", NAPI_AUTO_LENGTH, &name);
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, settle, &ended);
  napi_unref_threadsafe_function(env, ended);
  napi_add_env_cleanup_hook(env, leave, nullptr);
  pthread_t thread;
  if (pthread_create(&thread, nullptr, work, nullptr) != 0) return fail(env, "no thread could be started");
  pthread_detach(thread);
  opened = true;
  Job* job = static_cast<Job*>(calloc(1, sizeof(Job)));
  if (!job) return fail(env, "out of memory");
  job->kind = Kind::open;
  return submit(env, job);
}

// Data of an array, which the job keeps; false if it is no typed array.
bool hold(napi_env env, napi_value array, Job& job, int slot, void** data, napi_typedarray_type* type, size_t* length) {
  return napi_get_typedarray_info(env, array, type, length, data, nullptr, nullptr) == napi_ok &&
         napi_create_reference(env, array, 1, &job.arrays[slot]) == napi_ok;
}

// collective(kind, argument, received, sent): both arrays belong to the addon until the promise is settled; `sent` may be the
// same array where it is not read. What they must be is judged by src/communicator.ts; it is asked again, since the library
// believes it.
napi_value collective(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  size_t count = 4, received = 0, sent = 0;
  napi_typedarray_type type, sentType;
  int kind = -1;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (!opened || closing) return fail(env, "the communicator is closed");
  Job* job = static_cast<Job*>(calloc(1, sizeof(Job)));
  if (!job) return fail(env, "out of memory");
  bool right = count == 4 && napi_get_value_int32(env, arguments[0], &kind) == napi_ok && kind >= 0 &&
               kind <= static_cast<int>(Kind::barrier) && napi_get_value_int32(env, arguments[1], &job->argument) == napi_ok &&
               hold(env, arguments[2], *job, 0, &job->received, &type, &received) &&
               hold(env, arguments[3], *job, 1, &job->sent, &sentType, &sent) && type == sentType && type < elementCount;
  job->kind = static_cast<Kind>(kind);
  const size_t blocks = job->kind == Kind::allGather || job->kind == Kind::allToAll ? ranks : 1;
  const size_t wanted = job->kind == Kind::allGather ? received / blocks : received;
  const int bound = job->kind == Kind::broadcast ? ranks : job->kind == Kind::allReduce ? operationCount : 1;
  right = right && received % blocks == 0 && sent == wanted && received / blocks <= INT32_MAX && job->argument >= 0 &&
          job->argument < bound;
  if (!right) {
    for (napi_ref array : job->arrays)
      if (array) napi_delete_reference(env, array);
    free(job);
    return fail(env, "internal: expected collective(kind, argument, received, sent)");
  }
  job->count = static_cast<int>(received / blocks);
  job->element = is.elements[type];
  return submit(env, job);
}

napi_value close(napi_env env, napi_callback_info) {
  if (!opened || closing) return fail(env, "the communicator is closed");
  Job* job = static_cast<Job*>(calloc(1, sizeof(Job)));
  if (!job) return fail(env, "out of memory");
  closing = true;
  job->kind = Kind::close;
  return submit(env, job);
}

// abort(status): ends every rank; does not return.
napi_value abort(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  int status = 1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  napi_get_value_int32(env, argument, &status);
  leave(nullptr);
  if (opened) is.call.abort(is.world, status);
  _exit(status);
}

void exportFunction(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

// Node unloads the addon of a worker thread that ends; the library's thread must not lose its code.
void keepLoaded() {
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&keepLoaded), &self) && self.dli_fname)
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NODELETE);
}

}  // namespace

extern "C" NAPI_MODULE_EXPORT int32_t node_api_module_get_api_version_v1() { return 8; }

extern "C" NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  keepLoaded();
  exportFunction(env, exports, "interfaceOf", interfaceOf);
  exportFunction(env, exports, "open", open);
  exportFunction(env, exports, "collective", collective);
  exportFunction(env, exports, "abort", abort);
  exportFunction(env, exports, "close", close);
  return exports;
}
