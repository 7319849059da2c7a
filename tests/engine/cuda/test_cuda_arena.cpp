// The caching arena on a device that runs out of memory.

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <vector>

#include "engine/base/error.h"
#include "engine/memory.h"

namespace mneme {
namespace {

class SmallDevice final : public MemorySource {
 public:
  explicit SmallDevice(size_t bytes) : free_(bytes) {}
  void* obtain(size_t bytes) override {
    ++requests;
    if (bytes > free_) return nullptr;
    free_ -= bytes;
    auto block = std::make_unique<std::vector<char>>(bytes);
    void* at = block->data();
    blocks_[at] = std::move(block);
    return at;
  }
  void give_back(void* block) override {
    free_ += blocks_.at(block)->size();
    blocks_.erase(block);
  }
  std::string name() const override { return "cuda (a small GPU)"; }
  size_t blocks() const { return blocks_.size(); }

  int requests = 0;

 private:
  size_t free_;
  std::map<void*, std::unique_ptr<std::vector<char>>> blocks_;
};

constexpr size_t mib = size_t{1} << 20;

TEST_CASE("a freed block serves the next request of its size without the device being asked") {
  SmallDevice device(8 * mib);
  Arena arena(device);
  void* first = arena.allocate(mib);
  arena.release(first, mib);
  CHECK(arena.allocate(mib) == first);
  CHECK(device.requests == 1);
  CHECK(arena.use().system_requests == 1);
  arena.release(first, mib);
}

TEST_CASE("when the device has no more, waiting blocks of other sizes go back before the arena gives up") {
  SmallDevice device(8 * mib);
  Arena arena(device);
  std::vector<void*> small;
  for (int i = 0; i < 6; ++i) small.push_back(arena.allocate(mib));
  for (void* block : small) arena.release(block, mib);
  void* large = arena.allocate(7 * mib);
  CHECK(device.blocks() == 1);
  CHECK(arena.use().reserved == Arena::rounded(7 * mib));
  arena.release(large, 7 * mib);
}

TEST_CASE(
    "out of memory says which device, how much was asked, how much is held and what to lower, and spoils nothing") {
  SmallDevice device(8 * mib);
  Arena arena(device);
  void* held = arena.allocate(5 * mib);
  CHECK_THROWS_WITH_AS(
      (void)arena.allocate(4 * mib),
      "out of memory on cuda (a small GPU): 4 MiB asked for, 5 MiB already in tensors; lower --batch-size", Error);
  CHECK(arena.use().live == 5 * mib);
  void* more = arena.allocate(2 * mib);
  CHECK(arena.use().live == 7 * mib);
  CHECK(arena.use().peak == 7 * mib);
  arena.release(held, 5 * mib);
  arena.release(more, 2 * mib);
  arena.trim();
  CHECK(device.blocks() == 0);
  CHECK(arena.use().reserved == 0);
}

}  // namespace
}  // namespace mneme
