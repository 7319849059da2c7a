#pragma once
// Declarations that the parts of the stand-in's runtime share. Every CUDA function holds one lock (Call), so the state
// needs no lock of its own.

#include <cuda_runtime.h>

#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace stand_in {

std::recursive_mutex& runtime_lock();

/// Counts a call of `function` and returns its result: cudaSuccess, unless a test or the environment asked for an error
/// at this call, or an earlier error was sticky.
cudaError_t error_of_this_call(const char* function);
/// Keeps `error` until cudaGetLastError() reads it, and returns it.
cudaError_t keep_error(cudaError_t error);

/// Every function of the runtime begins by making one of these: it holds the lock, counts the call and injects errors.
template <class Body>
cudaError_t call(const char* function, const Body& body) {
  const std::lock_guard lock(runtime_lock());
  if (const cudaError_t error = error_of_this_call(function); error != cudaSuccess) return keep_error(error);
  return keep_error(body());
}

// --- memory (memory.cpp)

/// While an object of this class lives, the CPU may access the device's memory. Without one, an access ends the
/// program.
class DeviceAccess {
 public:
  DeviceAccess();
  ~DeviceAccess();
  DeviceAccess(const DeviceAccess&) = delete;
  DeviceAccess& operator=(const DeviceAccess&) = delete;
};
bool in_device_memory(const void* at);
/// Ends the program unless [at, at + bytes) lies within one block that cudaMalloc gave.
void check_device_range(const char* function, const void* at, size_t bytes);
/// True if [at, at + bytes) lies within a block that cudaMallocHost gave.
bool pinned(const void* at, size_t bytes);
/// Describes the work that the device is doing, for the message after a bad access.
void set_activity(const char* name);

// --- streams (stream.cpp)

/// One piece of work of a stream.
struct Work {
  const char* name;
  double microseconds;
  std::function<void()> run;
};
/// Queues work on a stream, or records it if the stream is capturing.
cudaError_t submit(cudaStream_t stream, Work work);
/// Executes all queued work of every stream. Do not call it while a stream is capturing.
void finish_all();
/// If a stream is capturing: fails and invalidates the capture, because waiting for the device cannot be captured.
cudaError_t refuse_in_capture(cudaStream_t stream);
cudaError_t refuse_in_any_capture();
/// True while the stream is capturing; false for the null stream.
bool captures(cudaStream_t stream);
/// The stream that was created last, on which work is queued; null if there was none.
cudaStream_t last_stream();

}  // namespace stand_in
