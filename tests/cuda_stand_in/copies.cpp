// Copies and fills. A copy from the host's memory is executed late, as on a GPU. So that memory must be pinned, and
// must not change until the copy is done.

#include <cstring>

#include "tests/cuda_stand_in/runtime.h"

using namespace stand_in;

namespace {

/// A checksum of the bytes.
uint64_t digest(const void* from, size_t bytes) {
  const auto* const at = static_cast<const unsigned char*>(from);
  uint64_t sum = bytes;
  size_t i = 0;
  for (uint64_t word; i + sizeof word <= bytes; i += sizeof word) {
    std::memcpy(&word, at + i, sizeof word);
    sum = (sum ^ word) * 0x9E3779B97F4A7C15u;
  }
  for (; i < bytes; ++i) sum = (sum ^ at[i]) * 0x9E3779B97F4A7C15u;
  return sum;
}

void check_pinned(const char* direction, const void* host, size_t bytes) {
  if (!pinned(host, bytes))
    stop(
        "cudaMemcpyAsync %s pageable memory: it would not be asynchronous, and may be done after the memory has "
        "changed; "
        "copy through pinned memory",
        direction);
}

cudaError_t copy_in(void* to, const void* from, size_t bytes, cudaStream_t stream) {
  check_pinned("from", from, bytes);
  check_device_range("cudaMemcpyAsync", to, bytes);
  return submit(stream, {"copy in", 1, [=, before = digest(from, bytes)] {
                           if (digest(from, bytes) != before)
                             stop("pinned memory was changed before the copy from it (%zu bytes) was done", bytes);
                           std::memcpy(to, from, bytes);
                         }});
}

cudaError_t copy_out(void* to, const void* from, size_t bytes, cudaStream_t stream) {
  check_pinned("to", to, bytes);
  check_device_range("cudaMemcpyAsync", from, bytes);
  std::memset(to, 0xFF, bytes);  // poisoned until the copy is done
  return submit(stream, {"copy out", 1, [=] { std::memcpy(to, from, bytes); }});
}

}  // namespace

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  return call("cudaMemcpyAsync", [&] {
    if (kind == cudaMemcpyHostToDevice) return copy_in(to, from, bytes, stream);
    if (kind == cudaMemcpyDeviceToHost) return copy_out(to, from, bytes, stream);
    check_device_range("cudaMemcpyAsync", to, bytes);
    check_device_range("cudaMemcpyAsync", from, bytes);
    return submit(stream, {"copy", 1, [=] { std::memmove(to, from, bytes); }});
  });
}

cudaError_t cudaMemsetAsync(void* to, int byte, size_t bytes, cudaStream_t stream) {
  return call("cudaMemsetAsync", [&] {
    check_device_range("cudaMemsetAsync", to, bytes);
    return submit(stream, {"fill", 1, [=] { std::memset(to, byte, bytes); }});
  });
}
