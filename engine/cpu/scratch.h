#pragma once
// Working memory that is kept between calls. It becomes as large as the largest need and then stays so: after the first
// training steps nothing is requested from the system.

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "engine/base/error.h"

namespace mneme {

/// One piece of working memory, aligned to 64 bytes. Its content is lost when it becomes larger.
class Scratch {
 public:
  /// At least `count` bytes, at the same address as before unless the memory had to become larger. Throws Error if
  /// there is no memory left.
  void* bytes(size_t count) {
    if (count > size_) {
      memory_.reset();
      size_ = (count + 63) / 64 * 64;
      memory_.reset(std::aligned_alloc(64, size_));
      if (!memory_) {
        size_ = 0;
        fail("out of memory: {} MiB of working memory for a convolution; lower --batch-size", count >> 20);
      }
    }
    return memory_.get();
  }
  /// At least `count` floats.
  float* floats(size_t count) { return static_cast<float*>(bytes(count * sizeof(float))); }

 private:
  struct Free {
    void operator()(void* block) const { std::free(block); }
  };
  std::unique_ptr<void, Free> memory_;
  size_t size_ = 0;
};

}  // namespace mneme
