// The staging ring on a device that transfers as late as possible: a transfer happens only when something waits for it.

#include <doctest/doctest.h>

#include <cstring>
#include <deque>
#include <functional>
#include <numeric>
#include <vector>

#include "engine/cuda/staging.h"

namespace mneme::cuda {
namespace {

class LateDevice final : public Transfers {
 public:
  LateDevice(int blocks, size_t bytes)
      : bytes_(bytes), memory_(static_cast<size_t>(blocks), std::vector<char>(bytes)) {}
  int blocks() const override { return static_cast<int>(memory_.size()); }
  size_t block_bytes() const override { return bytes_; }
  char* block(int i) override { return memory_[static_cast<size_t>(i)].data(); }
  void start_in(void* to, int from_block, size_t bytes) override {
    queue_.push_back({from_block, [=, this] { std::memcpy(to, block(from_block), bytes); }});
  }
  void start_out(int to_block, const void* from, size_t bytes) override {
    queue_.push_back({to_block, [=, this] { std::memcpy(block(to_block), from, bytes); }});
  }
  void wait(int block) override {
    const auto uses = [block](const Transfer& t) { return t.block == block; };
    while (std::any_of(queue_.begin(), queue_.end(), uses)) {
      queue_.front().copy();
      queue_.pop_front();
      ++waited_for;
    }
  }
  void finish() {
    for (const Transfer& t : queue_) t.copy();
    queue_.clear();
  }
  size_t pending() const { return queue_.size(); }

  int waited_for = 0;

 private:
  struct Transfer {
    int block;
    std::function<void()> copy;
  };
  size_t bytes_;
  std::vector<std::vector<char>> memory_;
  std::deque<Transfer> queue_;
};

std::vector<char> pattern(size_t size, int seed) {
  std::vector<char> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + static_cast<size_t>(seed));
  return bytes;
}

TEST_CASE("what is copied in arrives whole though the host's memory changes at once, at every size around the ring's") {
  for (const size_t size : {0, 1, 7, 8, 9, 23, 24, 25, 100}) {
    LateDevice late(3, 8);
    Staging staging(late);
    std::vector<char> device(size + 1, 'x'), host = pattern(size, 1);
    staging.copy_in(device.data(), host.data(), size);
    std::fill(host.begin(), host.end(), '!');
    late.finish();
    CHECK(std::equal(device.begin(), device.end() - 1, pattern(size, 1).begin()));
    CHECK(device.back() == 'x');
  }
}

TEST_CASE("what is copied out is there on return, at every size around the ring's") {
  for (const size_t size : {0, 1, 7, 8, 9, 23, 24, 25, 100}) {
    LateDevice late(3, 8);
    Staging staging(late);
    const std::vector<char> device = pattern(size, 2);
    std::vector<char> host(size + 1, 'x');
    staging.copy_out(host.data(), device.data(), size);
    CHECK(std::equal(device.begin(), device.end(), host.begin()));
    CHECK(host.back() == 'x');
  }
}

TEST_CASE("a copy out sees the copies in before it") {
  LateDevice late(4, 8);
  Staging staging(late);
  std::vector<char> device(64);
  for (int round = 0; round < 5; ++round) {
    staging.copy_in(device.data(), pattern(64, round).data(), 64);
    std::vector<char> back(64);
    staging.copy_out(back.data(), device.data(), 64);
    CHECK(back == pattern(64, round));
  }
}

TEST_CASE("small copies in do not wait until the ring has gone round") {
  LateDevice late(16, 1024);
  Staging staging(late);
  std::vector<char> device(16 * 512);
  for (size_t i = 0; i < 16; ++i) staging.copy_in(device.data() + 512 * i, pattern(512, 3).data(), 512);
  CHECK(late.waited_for == 0);
  CHECK(late.pending() == 16);
  staging.copy_in(device.data(), pattern(512, 4).data(), 512);
  CHECK(late.waited_for == 1);
}

}  // namespace
}  // namespace mneme::cuda
