#pragma once
// Declarations for the two ways to execute a block of threads: as fibers (fibers.cpp), or as threads of the system
// (threads.cpp).

#include <cstring>
#include <numeric>
#include <random>

#include "tests/cuda_stand_in/kernel_call.h"

namespace stand_in {

/// A permutation of the numbers [0, count) that follows from a seed. It is computed element by element, because a list
/// of all threads of a grid would be long.
class Order {
 public:
  Order(uint64_t count, std::mt19937_64& random)
      : count_(count), first_(random() % count), step_(random() % count | 1) {
    while (std::gcd(step_, count_) != 1) ++step_;
  }
  uint64_t operator[](uint64_t i) const { return (first_ + i % count_ * (step_ % count_)) % count_; }

 private:
  uint64_t count_, first_, step_;
};

inline uint3 place_in(const dim3& size, uint64_t i) {
  return {static_cast<unsigned>(i % size.x), static_cast<unsigned>(i / size.x % size.y),
          static_cast<unsigned>(i / size.x / size.y)};
}

/// The shared memory of a block. It is filled with NaN when a block starts, and a write behind its end ends the
/// program.
class SharedMemory {
 public:
  SharedMemory(const char* kernel, size_t bytes);
  ~SharedMemory();

 private:
  const char* kernel_;
  size_t bytes_;
};

/// Runs one block; stand_in::here holds the block and the sizes.
void run_block(const char* name, const Order& threads, size_t count, const std::function<void()>& thread);

}  // namespace stand_in
