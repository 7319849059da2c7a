#pragma once
// The language that a kernel's source uses: indices of threads, barriers, shuffles and atomics; and the execution of a
// grid of threads. This header knows nothing of streams or memory, so that races.cpp can use it alone.

#include <cstddef>
#include <cstdint>
#include <functional>

#define __global__
#define __host__
#define __device__
#define __shared__
#define __launch_bounds__(...)

struct uint3 {
  unsigned x, y, z;
};
struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned along_x = 1, unsigned along_y = 1, unsigned along_z = 1)
      : x(along_x), y(along_y), z(along_z) {}
  size_t count() const { return size_t{x} * y * z; }
};

namespace stand_in {

constexpr unsigned warp_size = 32;
constexpr size_t most_threads = 1024, most_shared_bytes = 48 * 1024;

/// The indices of the running thread.
struct Place {
  uint3 thread, block;
  dim3 block_size, grid_size;
};
#ifdef __SANITIZE_THREAD__
inline thread_local Place here;  // the program `races` runs the threads of a block as threads of the operating system
#else
inline Place here;
#endif

/// Calls `thread` once for every thread of every block, in an order that follows from the seed. One block runs at a
/// time.
void run_grid(const char* name, dim3 blocks, dim3 threads, size_t shared_bytes, const std::function<void()>& thread);
/// Chooses the order of blocks and threads from now on.
void set_order(uint64_t seed);

void barrier();
/// Offers `bits` to the other lanes of the warp, and returns the value that lane `from` offered. All 32 lanes must call
/// it.
uint64_t exchange(unsigned mask, uint64_t bits, unsigned from);

/// Ends the program with the message "stand-in: ..." on standard error.
[[noreturn]] void stop(const char* format, ...) __attribute__((format(printf, 1, 2)));

template <class T>
T shuffle(unsigned mask, T value, unsigned from) {
  static_assert(sizeof(T) <= sizeof(uint64_t));
  uint64_t bits = 0;
  __builtin_memcpy(&bits, &value, sizeof value);
  bits = exchange(mask, bits, from);
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

inline unsigned lane() {
  return (here.thread.x + here.block_size.x * (here.thread.y + here.block_size.y * here.thread.z)) % warp_size;
}

}  // namespace stand_in

#define threadIdx (stand_in::here.thread)
#define blockIdx (stand_in::here.block)
#define blockDim (stand_in::here.block_size)
#define gridDim (stand_in::here.grid_size)

inline void __syncthreads() { stand_in::barrier(); }
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned by) {
  const unsigned lane = stand_in::lane();
  return stand_in::shuffle(mask, value, lane + by < stand_in::warp_size ? lane + by : lane);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, unsigned with) {
  return stand_in::shuffle(mask, value, stand_in::lane() ^ with);
}
template <class T>
T __shfl_sync(unsigned mask, T value, unsigned from) {
  return stand_in::shuffle(mask, value, from % stand_in::warp_size);
}
inline unsigned atomicAdd(unsigned* to, unsigned value) { return __atomic_fetch_add(to, value, __ATOMIC_SEQ_CST); }
