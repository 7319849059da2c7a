#pragma once
// Memory and copies of the two devices that compute in host memory.

#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "engine/device.h"

namespace mneme {

/// Memory from the heap.
class HeapSource final : public MemorySource {
 public:
  /// A source with this name for messages.
  explicit HeapSource(std::string name) : name_(std::move(name)) {}
  void* obtain(size_t bytes) override { return std::aligned_alloc(64, (bytes + 63) / 64 * 64); }
  void give_back(void* block) override { std::free(block); }
  std::string name() const override { return name_; }

 private:
  std::string name_;
};

/// A device whose memory is the heap. See Backend for the functions.
class HeapBackend : public Backend {
 public:
  /// A device with this name for messages.
  explicit HeapBackend(std::string name) : source_(std::move(name)), arena_(source_) {}
  Arena& arena() override { return arena_; }
  void copy_in(void* to, const void* host, size_t bytes) override { copy(to, host, bytes); }
  void copy_out(void* host, const void* from, size_t bytes) override { copy(host, from, bytes); }
  void copy(void* to, const void* from, size_t bytes) override {
    if (bytes) std::memcpy(to, from, bytes);
  }
  void fill_bytes(void* to, int byte, size_t bytes) override {
    if (bytes) std::memset(to, byte, bytes);
  }

 private:
  HeapSource source_;
  Arena arena_;
};

}  // namespace mneme
