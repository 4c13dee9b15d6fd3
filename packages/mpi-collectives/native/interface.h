// The part of an MPI library that is called, whatever its binary interface. Open MPI's handles are addresses of exported objects,
// MPICH's are integers, those of the standard interface (MPI 5.0, chapter 20) are small constants in pointers. On the processors
// that the addon is built for all three travel in one register, so every handle is a `Handle` here: a function that takes an
// int reads its lower half.
#pragma once
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

using Handle = void*;

enum class Operation { sum, minimum, maximum };
constexpr int operationCount = 3;
// In the order of Node-API's napi_typedarray_type.
constexpr int elementCount = 11;

// What libraries call alike.
struct Functions {
  int (*initThread)(int*, char***, int, int*);
  int (*rank)(Handle, int*);
  int (*size)(Handle, int*);
  int (*setErrorHandler)(Handle, Handle);
  int (*errorText)(int, char*, int*);
  int (*libraryText)(char*, int*);
  int (*broadcast)(void*, int, Handle, int, Handle, Handle*);
  int (*allReduce)(const void*, void*, int, Handle, Handle, Handle, Handle*);
  int (*allGather)(const void*, int, Handle, void*, int, Handle, Handle, Handle*);
  int (*allToAll)(const void*, int, Handle, void*, int, Handle, Handle, Handle*);
  int (*barrier)(Handle, Handle*);
  int (*test)(Handle*, int*, void*);
  int (*abort)(Handle, int);
  int (*finalize)();
};

struct Interface {
  const char* name;
  Functions call;
  Handle world, errorsReturn, elements[elementCount], operations[operationCount];
  void* inPlace;
  int serialized;
};

constexpr int longestLibraryText = 8192, longestErrorText = 1024;

namespace interfaces {

inline Handle constant(intptr_t value) { return reinterpret_cast<Handle>(value); }

// int8, uint8, uint8 (clamped), int16, uint16, int32, uint32, float32, float64, int64, uint64
constexpr const char* elementNames[elementCount] = {"int8_t",   "uint8_t", "uint8_t", "int16_t", "uint16_t", "int32_t",
                                                    "uint32_t", "float",   "double",  "int64_t", "uint64_t"};

inline bool openMpi(void* library, Interface& is) {
  is.name = "open-mpi";
  is.world = dlsym(library, "ompi_mpi_comm_world");
  if (!is.world) return false;
  is.errorsReturn = dlsym(library, "ompi_mpi_errors_return");
  for (int i = 0; i < elementCount; i++) {
    char name[32] = "ompi_mpi_";
    strcat(name, elementNames[i]);
    is.elements[i] = dlsym(library, name);
  }
  const char* const operations[operationCount] = {"ompi_mpi_op_sum", "ompi_mpi_op_min", "ompi_mpi_op_max"};
  for (int i = 0; i < operationCount; i++) is.operations[i] = dlsym(library, operations[i]);
  is.inPlace = constant(1);
  is.serialized = 2;
  return true;
}

inline void mpich(Interface& is) {
  is.name = "mpich";
  is.world = constant(0x44000000);
  is.errorsReturn = constant(0x54000001);
  constexpr intptr_t elements[elementCount] = {0x4c000137, 0x4c00013b, 0x4c00013b, 0x4c000238, 0x4c00023c, 0x4c000439,
                                               0x4c00043d, 0x4c00040a, 0x4c00080b, 0x4c00083a, 0x4c00083e};
  for (int i = 0; i < elementCount; i++) is.elements[i] = constant(elements[i]);
  constexpr intptr_t operations[operationCount] = {0x58000003, 0x58000002, 0x58000001};
  for (int i = 0; i < operationCount; i++) is.operations[i] = constant(operations[i]);
  is.inPlace = constant(-1);
  is.serialized = 2;
}

inline void standard(Interface& is) {
  is.name = "standard";
  is.world = constant(0x101);
  is.errorsReturn = constant(0x142);
  constexpr intptr_t elements[elementCount] = {0x240, 0x241, 0x241, 0x248, 0x249, 0x250, 0x251, 0x210, 0x214, 0x258, 0x259};
  for (int i = 0; i < elementCount; i++) is.elements[i] = constant(elements[i]);
  constexpr intptr_t operations[operationCount] = {0x21, 0x22, 0x23};
  for (int i = 0; i < operationCount; i++) is.operations[i] = constant(operations[i]);
  is.inPlace = constant(1);
  is.serialized = 2048;
}

// A library may export MPI_Abi_get_version and still take its own handles: then it answers −1.
inline bool isStandard(void* library) {
  auto version = reinterpret_cast<int (*)(int*, int*)>(dlsym(library, "MPI_Abi_get_version"));
  int major = -1, minor = -1;
  return version && version(&major, &minor) == 0 && major >= 1;
}

// Fills `is.name` and the constants; false if nothing that the library exports is known.
inline bool recognise(void* library, Interface& is) {
  if (isStandard(library)) return standard(is), true;
  if (openMpi(library, is)) return true;
  if (dlsym(library, "MPIR_Dup_fn")) return mpich(is), true; // what mpi.h of every library of MPICH's interface refers to
  return false;
}

// Fills `is.call`; gives the name of the first function that is missing, else null.
inline const char* findFunctions(void* library, Functions& call) {
  const struct {
    const char* name;
    void** to;
  } wanted[] = {
      {"MPI_Init_thread", reinterpret_cast<void**>(&call.initThread)},
      {"MPI_Comm_rank", reinterpret_cast<void**>(&call.rank)},
      {"MPI_Comm_size", reinterpret_cast<void**>(&call.size)},
      {"MPI_Comm_set_errhandler", reinterpret_cast<void**>(&call.setErrorHandler)},
      {"MPI_Error_string", reinterpret_cast<void**>(&call.errorText)},
      {"MPI_Get_library_version", reinterpret_cast<void**>(&call.libraryText)},
      {"MPI_Ibcast", reinterpret_cast<void**>(&call.broadcast)},
      {"MPI_Iallreduce", reinterpret_cast<void**>(&call.allReduce)},
      {"MPI_Iallgather", reinterpret_cast<void**>(&call.allGather)},
      {"MPI_Ialltoall", reinterpret_cast<void**>(&call.allToAll)},
      {"MPI_Ibarrier", reinterpret_cast<void**>(&call.barrier)},
      {"MPI_Test", reinterpret_cast<void**>(&call.test)},
      {"MPI_Abort", reinterpret_cast<void**>(&call.abort)},
      {"MPI_Finalize", reinterpret_cast<void**>(&call.finalize)},
  };
  for (const auto& [name, to] : wanted)
    if (!(*to = dlsym(library, name))) return name;
  return nullptr;
}

}  // namespace interfaces
