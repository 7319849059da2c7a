#pragma once
// The ring of Note [Pinned staging] on CUDA: pinned blocks, each with the event that ends its last transfer, on the one
// stream.

#include <deque>
#include <memory>

#include "engine/cuda/event.h"
#include "engine/cuda/staging.h"

namespace mneme::cuda {

class PinnedRing final : public Transfers {
 public:
  PinnedRing() : memory_(pinned_memory(static_cast<size_t>(count) * bytes_each)) {
    for (int i = 0; i < count; ++i) done_.emplace_back(Event::Kind::place);
  }

  int blocks() const override { return count; }
  size_t block_bytes() const override { return bytes_each; }
  char* block(int i) override { return memory_.get() + static_cast<size_t>(i) * bytes_each; }
  void start_in(void* to, int from_block, size_t bytes) override {
    CUDA_CHECK(cudaMemcpyAsync(to, block(from_block), bytes, cudaMemcpyHostToDevice, gpu().stream()));
    end_of(from_block).record();
  }
  void start_out(int to_block, const void* from, size_t bytes) override {
    CUDA_CHECK(cudaMemcpyAsync(block(to_block), from, bytes, cudaMemcpyDeviceToHost, gpu().stream()));
    end_of(to_block).record();
  }
  void wait(int block) override { end_of(block).wait(); }

 private:
  static constexpr int count = 40;  // two batches of 128 images of 224 x 224 pixels
  static constexpr size_t bytes_each = size_t{1} << 20;
  struct FreePinned {
    void operator()(char* memory) const { forget(cudaFreeHost(memory)); }
  };
  using Pinned = std::unique_ptr<char, FreePinned>;

  static Pinned pinned_memory(size_t bytes) {
    void* memory = nullptr;
    CUDA_CHECK(cudaMallocHost(&memory, bytes));
    return Pinned(static_cast<char*>(memory));
  }
  Event& end_of(int block) { return done_[static_cast<size_t>(block)]; }

  Pinned memory_;
  std::deque<Event> done_;
};

}  // namespace mneme::cuda
