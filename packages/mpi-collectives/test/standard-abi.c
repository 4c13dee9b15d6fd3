/* The standard interface of MPI 5.0 on top of an MPICH of before it: what a libmpi_abi.so.1 does, for the calls that the addon makes.
   Written from the standard's table of handles, so that a wrong constant of the addon finds nothing here. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

typedef void *H;

static void *real(const char *name) {
  static void *library;
  if (!library) library = dlopen(getenv("REAL_MPI"), RTLD_NOW | RTLD_LOCAL);
  void *found = library ? dlsym(library, name) : NULL;
  if (!found) abort();
  return found;
}

static int element(H type) {
  switch ((intptr_t)type) {
    case 0x210: return 0x4c00040a; /* MPI_FLOAT */
    case 0x214: return 0x4c00080b; /* MPI_DOUBLE */
    case 0x240: return 0x4c000137; /* MPI_INT8_T */
    case 0x241: return 0x4c00013b; /* MPI_UINT8_T */
    case 0x248: return 0x4c000238; /* MPI_INT16_T */
    case 0x249: return 0x4c00023c; /* MPI_UINT16_T */
    case 0x250: return 0x4c000439; /* MPI_INT32_T */
    case 0x251: return 0x4c00043d; /* MPI_UINT32_T */
    case 0x258: return 0x4c00083a; /* MPI_INT64_T */
    case 0x259: return 0x4c00083e; /* MPI_UINT64_T */
  }
  abort();
}

static int operation(H op) {
  switch ((intptr_t)op) {
    case 0x21: return 0x58000003; /* MPI_SUM */
    case 0x22: return 0x58000002; /* MPI_MIN */
    case 0x23: return 0x58000001; /* MPI_MAX */
  }
  abort();
}

static int world(H comm) {
  if ((intptr_t)comm != 0x101) abort(); /* MPI_COMM_WORLD */
  return 0x44000000;
}

static const void *buffer(const void *p) { return p == (void *)1 ? (void *)-1 : p; } /* MPI_IN_PLACE */

int MPI_Abi_get_version(int *major, int *minor) { return *major = 1, *minor = 0, 0; }
int MPI_Init_thread(int *argc, char ***argv, int required, int *provided) {
  if (required != 2048) abort(); /* MPI_THREAD_SERIALIZED */
  int code = ((int (*)(int *, char ***, int, int *))real("MPI_Init_thread"))(argc, argv, 2, provided);
  *provided *= 1024;
  return code;
}
int MPI_Comm_rank(H c, int *to) { return ((int (*)(int, int *))real("MPI_Comm_rank"))(world(c), to); }
int MPI_Comm_size(H c, int *to) { return ((int (*)(int, int *))real("MPI_Comm_size"))(world(c), to); }
int MPI_Comm_set_errhandler(H c, H handler) {
  if ((intptr_t)handler != 0x142) abort(); /* MPI_ERRORS_RETURN */
  return ((int (*)(int, int))real("MPI_Comm_set_errhandler"))(world(c), 0x54000001);
}
int MPI_Error_string(int code, char *to, int *n) { return ((int (*)(int, char *, int *))real("MPI_Error_string"))(code, to, n); }
int MPI_Get_library_version(char *to, int *n) { return ((int (*)(char *, int *))real("MPI_Get_library_version"))(to, n); }
int MPI_Ibcast(void *p, int n, H t, int root, H c, H *r) {
  return ((int (*)(void *, int, int, int, int, H *))real("MPI_Ibcast"))(p, n, element(t), root, world(c), r);
}
int MPI_Iallreduce(const void *s, void *p, int n, H t, H op, H c, H *r) {
  return ((int (*)(const void *, void *, int, int, int, int, H *))real("MPI_Iallreduce"))(
      buffer(s), p, n, element(t), operation(op), world(c), r);
}
int MPI_Iallgather(const void *s, int n, H t, void *p, int m, H u, H c, H *r) {
  return ((int (*)(const void *, int, int, void *, int, int, int, H *))real("MPI_Iallgather"))(
      s, n, element(t), p, m, element(u), world(c), r);
}
int MPI_Ialltoall(const void *s, int n, H t, void *p, int m, H u, H c, H *r) {
  return ((int (*)(const void *, int, int, void *, int, int, int, H *))real("MPI_Ialltoall"))(
      s, n, element(t), p, m, element(u), world(c), r);
}
int MPI_Ibarrier(H c, H *r) { return ((int (*)(int, H *))real("MPI_Ibarrier"))(world(c), r); }
int MPI_Test(H *r, int *done, void *status) { return ((int (*)(H *, int *, void *))real("MPI_Test"))(r, done, status); }
int MPI_Abort(H c, int status) { return ((int (*)(int, int))real("MPI_Abort"))(world(c), status); }
int MPI_Finalize(void) { return ((int (*)(void))real("MPI_Finalize"))(); }
