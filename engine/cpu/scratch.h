#pragma once
// Working memory that outlives calls: it grows to the largest need and then stays, so that steady training asks the
// system for nothing.

#include <cstddef>
#include <cstdlib>
#include <memory>

#include "engine/base/error.h"

namespace mneme {

/// 64-byte aligned. Growing loses the contents.
class Scratch {
 public:
  /// At least so many bytes, at the same place as before unless it had to grow.
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
  float* floats(size_t count) { return static_cast<float*>(bytes(count * sizeof(float))); }

 private:
  struct Free {
    void operator()(void* block) const { std::free(block); }
  };
  std::unique_ptr<void, Free> memory_;
  size_t size_ = 0;
};

}  // namespace mneme
