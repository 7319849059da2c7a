#pragma once
// What the parts of the stand-in's runtime share. Every function of CUDA takes the one lock (Call), so the state behind
// it needs none of its own.

#include <cuda_runtime.h>

#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace stand_in {

std::recursive_mutex& runtime_lock();

/// Counts a call of `function` and returns what it shall fail with: cudaSuccess, unless a test or the environment asked
/// for an error at this call, or an earlier error was sticky.
cudaError_t error_of_this_call(const char* function);
/// Keeps an error until cudaGetLastError() reads it, and returns it.
cudaError_t keep_error(cudaError_t error);

/// The frame of every function of the runtime.
template <class Body>
cudaError_t call(const char* function, const Body& body) {
  const std::lock_guard lock(runtime_lock());
  if (const cudaError_t error = error_of_this_call(function); error != cudaSuccess) return keep_error(error);
  return keep_error(body());
}

// --- memory (memory.cpp)

/// While one is alive, the CPU may read and write the device's memory; without one, doing so ends the program.
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
/// What the device is doing, for the message when it touches memory that is not its own.
void set_activity(const char* name);

// --- streams (stream.cpp)

/// One piece of work of a stream.
struct Work {
  const char* name;
  double microseconds;
  std::function<void()> run;
};
/// Queues work on a stream, or notes it where the stream captures.
cudaError_t submit(cudaStream_t stream, Work work);
/// Does all queued work of every stream. Not to be called while a stream captures.
void finish_all();
/// Fails, and spoils the capture, where one is going on: what waits for the device cannot be captured.
cudaError_t refuse_in_capture(cudaStream_t stream);
cudaError_t refuse_in_any_capture();
/// True while the stream's work is noted; false for no stream.
bool captures(cudaStream_t stream);
/// The stream that last was created, which is the one work is queued on; null before.
cudaStream_t last_stream();

}  // namespace stand_in
