// The properties that the stand-in reports: a GPU of a recent kind with few multiprocessors, so that grids stay small.
// An empty CUDA_VISIBLE_DEVICES hides it, as it hides a GPU.

#include <cstdio>
#include <cstdlib>

#include "tests/cuda_stand_in/control.h"
#include "tests/cuda_stand_in/runtime.h"

namespace {

constexpr int multiprocessors = 3, version = 13000;

bool hidden() {
  const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES");
  return visible && *visible == '\0';
}

/// The environment variable CUDA_STAND_IN_SEED chooses the order of threads.
void read_seed() {
  if (const char* const seed = std::getenv("CUDA_STAND_IN_SEED")) stand_in::set_seed(std::strtoull(seed, nullptr, 10));
}

}  // namespace

using namespace stand_in;

cudaError_t cudaDriverGetVersion(int* driver) {
  return call("cudaDriverGetVersion", [&] {
    read_seed();
    *driver = version;
    return cudaSuccess;
  });
}

cudaError_t cudaRuntimeGetVersion(int* runtime) {
  return call("cudaRuntimeGetVersion", [&] {
    *runtime = version;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDeviceCount(int* count) {
  return call("cudaGetDeviceCount", [&] {
    *count = hidden() ? 0 : 1;
    return cudaSuccess;
  });
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  return call("cudaGetDeviceProperties", [&] {
    std::snprintf(properties->name, sizeof properties->name, "a stand-in on the CPU");
    properties->major = 9;
    properties->minor = 0;
    return cudaSuccess;
  });
}

cudaError_t stand_in::function_attributes(cudaFuncAttributes* attributes) {
  return call("cudaFuncGetAttributes", [&] {
    attributes->binaryVersion = 90;
    return cudaSuccess;
  });
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr, int) {
  return call("cudaDeviceGetAttribute", [&] {
    *value = multiprocessors;
    return cudaSuccess;
  });
}

cudaError_t cudaSetDevice(int) {
  return call("cudaSetDevice", [] { return cudaSuccess; });
}
