// The Node-API addon: `run(variant, threads, operation, sizes, lengths, ...arrays)`, the names of the variants, and where arrays
// lie. Arguments are judged by src/checked-operations.ts before they come here; what arrays are and how long is asked of Node-API
// all the same, since a kernel believes it.
#include <node_api.h>

#include "pool.h"
#include "threads.h"
#include "variants.h"

namespace {

constexpr Size fixedArguments = 5;

// Found when the addon is first loaded. Not at each call: in a virtual machine every question to the processor goes to the
// host, and ten of them take as long as a small kernel.
struct Variants {
  Variant usable[mostVariants];
  int count = usableVariants(usable);
};
const Variants variants{};

struct Call {
  int (*run)(int, const double*, void* const*, Runtime&);
  int operation;
  const double* sizes;
  void* arrays[mostArrays];
};

void* dataOf(napi_env env, napi_value array) {
  void* data = nullptr;
  if (napi_get_typedarray_info(env, array, nullptr, nullptr, &data, nullptr, nullptr) != napi_ok)
    napi_throw_type_error(env, nullptr, "internal: expected a typed array");
  return data;
}

// Whether `array` has the elements and the length of a checked argument; gives its data.
bool isAsChecked(napi_env env, napi_value array, ArrayElement element, double expected, void** data) {
  napi_typedarray_type type;
  Size length = 0;
  if (napi_get_typedarray_info(env, array, &type, &length, data, nullptr, nullptr) != napi_ok) return false;
  const bool isFloat32 = type == napi_float32_array, isFloat64 = type == napi_float64_array;
  const bool fits = element == ArrayElement::float32   ? isFloat32
                    : element == ArrayElement::float64 ? isFloat64
                    : element == ArrayElement::int32   ? type == napi_int32_array
                                                       : isFloat32 || isFloat64;
  return fits && static_cast<double>(length) == expected && (*data || length == 0);
}

napi_value run(napi_env env, napi_callback_info info) {
  napi_value arguments[fixedArguments + mostArrays];
  Size count = fixedArguments + mostArrays;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  int variant = -1, threads = 0;
  Call call{};
  if (count < fixedArguments || count > fixedArguments + mostArrays ||
      napi_get_value_int32(env, arguments[0], &variant) != napi_ok || variant < 0 ||
      variant >= variants.count || napi_get_value_int32(env, arguments[1], &threads) != napi_ok ||
      napi_get_value_int32(env, arguments[2], &call.operation) != napi_ok || call.operation < 0 ||
      call.operation >= operationCount || count - fixedArguments != static_cast<Size>(arrayCounts[call.operation])) {
    napi_throw_type_error(env, nullptr, "internal: expected run(variant, threads, operation, sizes, lengths, ...arrays)");
    return nullptr;
  }
  call.run = variants.usable[variant].run;
  call.sizes = static_cast<const double*>(dataOf(env, arguments[3]));
  const double* lengths = static_cast<const double*>(dataOf(env, arguments[4]));
  bool failed = false;
  napi_is_exception_pending(env, &failed);
  if (failed) return nullptr;
  int status = done;
  for (int i = arrayCounts[call.operation] - 1; i >= 0; i--)
    if (!isAsChecked(env, arguments[fixedArguments + i], arrayElements[call.operation][i], lengths[i], &call.arrays[i]))
      status = -1 - i;
  if (status == done) status = withPool(
      threads,
      [](void* context, Runtime& runtime) {
        const Call& call = *static_cast<Call*>(context);
        return call.run(call.operation, call.sizes, call.arrays, runtime);
      },
      &call);
  napi_value result = nullptr;
  napi_create_int32(env, status, &result);
  return result;
}

// bytesToLine(array)
napi_value bytesToLine(napi_env env, napi_callback_info info) {
  constexpr Size lineBytes = 64;
  napi_value array, result = nullptr;
  Size count = 1;
  napi_get_cb_info(env, info, &count, &array, nullptr, nullptr);
  const Size address = reinterpret_cast<Size>(dataOf(env, array));
  napi_create_uint32(env, static_cast<uint32_t>((lineBytes - address % lineBytes) % lineBytes), &result);
  return result;
}

void exportFunction(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

extern "C" NAPI_MODULE_EXPORT int32_t node_api_module_get_api_version_v1() { return 8; }

extern "C" NAPI_MODULE_EXPORT napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  keepLoaded(reinterpret_cast<void*>(&napi_register_module_v1));
  napi_value names;
  napi_create_array(env, &names);
  for (int i = 0; i < variants.count; i++) {
    napi_value name;
    napi_create_string_utf8(env, variants.usable[i].name, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, names, static_cast<uint32_t>(i), name);
  }
  napi_set_named_property(env, exports, "instructionSets", names);
  exportFunction(env, exports, "run", run);
  exportFunction(env, exports, "bytesToLine", bytesToLine);
  return exports;
}
