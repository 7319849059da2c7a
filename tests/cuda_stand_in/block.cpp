#include "tests/cuda_stand_in/block.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace mneme::cuda {
// The memory behind every kernel's `extern __shared__` array.
alignas(16) double shared[(stand_in::most_shared_bytes + 4096) / sizeof(double)];
}  // namespace mneme::cuda

namespace stand_in {
namespace {

constexpr unsigned char fill = 0xFF;  // these bits are NaN both as a float and as a double
constexpr size_t guard_bytes = 1024;
std::mt19937_64 order_of_threads{1};

unsigned char* shared_bytes_at(size_t offset) { return reinterpret_cast<unsigned char*>(mneme::cuda::shared) + offset; }

}  // namespace

void stop(const char* format, ...) {
  std::fputs("stand-in: ", stderr);
  std::va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fputs("\n", stderr);
  std::abort();
}

void set_order(uint64_t seed) { order_of_threads.seed(seed); }

SharedMemory::SharedMemory(const char* kernel, size_t bytes) : kernel_(kernel), bytes_(bytes) {
  if (bytes_) std::memset(shared_bytes_at(0), fill, bytes_ + guard_bytes);
}

SharedMemory::~SharedMemory() {
  if (!bytes_) return;
  const unsigned char* const guard = shared_bytes_at(bytes_);
  if (!std::all_of(guard, guard + guard_bytes, [](unsigned char byte) { return byte == fill; }))
    stop("kernel %s wrote behind its %zu bytes of shared memory", kernel_, bytes_);
}

void run_grid(const char* name, dim3 blocks, dim3 threads, size_t shared_bytes, const std::function<void()>& thread) {
  const Order order(blocks.count(), order_of_threads);
  for (uint64_t i = 0; i < blocks.count(); ++i) {
    here.block = place_in(blocks, order[i]);
    here.block_size = threads;
    here.grid_size = blocks;
    const SharedMemory memory(name, shared_bytes);
    run_block(name, Order(threads.count(), order_of_threads), threads.count(), thread);
  }
}

}  // namespace stand_in
