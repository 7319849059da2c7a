#include "engine/cuda/gpu.h"

#include <cudnn.h>

#include <cstdlib>

#include "engine/cuda/check.h"
#include "engine/cuda/device.h"
#include "engine/cuda/grid.h"

namespace mneme {
namespace cuda {
namespace {

/// Looked up only to find out whether this program has kernels for the GPU.
__global__ void any_kernel() {}

std::string status_name(cudaError_t status) {
  cudaGetLastError();  // clears the status, so that later checks do not report it
  return status == cudaSuccess ? "" : cudaGetErrorName(status);
}

int attribute(cudaDeviceAttr which) {
  int value = 0;
  CUDA_CHECK(cudaDeviceGetAttribute(&value, which, 0));
  return value;
}

void describe_first(Probe& p) {
  cudaDeviceProp properties;
  p.count_status = status_name(cudaGetDeviceProperties(&properties, 0));
  if (!p.count_status.empty()) return;
  p.name = properties.name;
  p.capability = properties.major * 10 + properties.minor;
  cudaFuncAttributes code;
  p.code_status = status_name(cudaFuncGetAttributes(&code, any_kernel));
}

}  // namespace

Probe look_for_gpu() {
  Probe p;
  status_name(cudaDriverGetVersion(&p.driver));
  status_name(cudaRuntimeGetVersion(&p.toolkit));
  p.built_for = MNEME_CUDA_ARCHITECTURES;
  p.cudnn_built = CUDNN_MAJOR;
  p.cudnn_found = static_cast<int>(cudnnGetVersion() / 10000);
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  p.visible_set = visible != nullptr;
  if (visible) p.visible = visible;
  if (p.driver == 0) return p;
  p.count_status = status_name(cudaGetDeviceCount(&p.devices));
  if (p.count_status.empty() && p.devices > 0) describe_first(p);
  return p;
}

Gpu::Gpu() {
  const std::string reason = cuda_unavailable_because();
  MNEME_CHECK(reason.empty(), "--device cuda: {}", reason);
  const Probe found = look_for_gpu();
  name_ = found.name;
  capability_ = found.capability;
  CUDA_CHECK(cudaSetDevice(0));
  multiprocessors_ = attribute(cudaDevAttrMultiProcessorCount);
  CUDA_CHECK(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  CUDA_CHECK(cudaMalloc(&arrivals_, sizeof(unsigned) * most_arrivals));
  CUDA_CHECK(cudaMemsetAsync(arrivals_, 0, sizeof(unsigned) * most_arrivals, stream_));
}

bool Gpu::captures() const {
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  CUDA_CHECK(cudaStreamIsCapturing(stream_, &status));
  return status != cudaStreamCaptureStatusNone;
}

const Gpu& gpu() {
  static const auto* the_gpu = new Gpu;  // never destroyed: static tensors may be destroyed later
  return *the_gpu;
}

}  // namespace cuda

std::string cuda_unavailable_because() {
  static const std::string reason = cuda::unavailable_because(cuda::look_for_gpu());
  return reason;
}

}  // namespace mneme
