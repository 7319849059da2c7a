#include "engine/memory.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "engine/base/error.h"

namespace mneme::test {
namespace {

/// Gives out heap blocks until its budget is used up, and counts them.
class Budget final : public MemorySource {
 public:
  explicit Budget(size_t bytes) : left(bytes) {}
  ~Budget() override {
    for (const auto& [block, bytes] : sizes) std::free(block);
  }
  void* obtain(size_t bytes) override {
    if (bytes > left) return nullptr;
    left -= bytes;
    ++blocks;
    void* block = std::aligned_alloc(64, bytes);
    sizes.insert({block, bytes});
    return block;
  }
  void give_back(void* block) override {
    if (std::exchange(refuse_next, false)) throw Error("the budget takes nothing back");
    left += sizes.extract(block).mapped();
    --blocks;
    std::free(block);
  }
  std::string name() const override { return "the budget"; }

  size_t left;
  int blocks = 0;
  bool refuse_next = false;  // the next block is not taken back
  std::map<void*, size_t> sizes;
};

constexpr size_t mib = 1 << 20;

TEST_CASE("sizes round up to eighths of a power of two, at most an eighth is lost") {
  CHECK(Arena::rounded(0) == 64);
  CHECK(Arena::rounded(65) == 128);
  CHECK(Arena::rounded(1024) == 1024);
  CHECK(Arena::rounded(1025) == 1152);
  for (size_t bytes = 512; bytes < 100000; bytes += 37) {
    const size_t size = Arena::rounded(bytes);
    CHECK(size >= bytes);
    CHECK(size <= bytes + bytes / 8);
    CHECK(size % 64 == 0);
    CHECK(Arena::rounded(size) == size);
  }
}

TEST_CASE("a released block serves the next request of its size, and the counts say so") {
  Budget source(mib);
  Arena arena(source);
  void* first = arena.allocate(1000);
  CHECK(reinterpret_cast<uintptr_t>(first) % 64 == 0);
  CHECK(arena.use().live == 1024);
  arena.release(first, 1000);
  CHECK(arena.use().live == 0);
  CHECK(arena.use().reserved == 1024);
  CHECK(arena.allocate(1024) == first);
  void* second = arena.allocate(1024);
  CHECK(second != first);
  CHECK(arena.use().system_requests == 2);
  CHECK(arena.use().peak == 2048);
  arena.release(first, 1024);
  arena.reset_peak();
  CHECK(arena.use().peak == 1024);
  arena.release(second, 1024);
}

TEST_CASE("a smaller request finds the smallest block that it fills half, a much smaller one leaves it alone") {
  Budget source(mib);
  Arena arena(source);
  void *four = arena.allocate(4096), *three = arena.allocate(3072);
  arena.release(four, 4096);
  arena.release(three, 3072);
  CHECK(arena.allocate(2048) == three);
  CHECK(arena.allocate(2048) == four);
  arena.release(three, 2048);
  arena.release(four, 2048);
  CHECK(arena.use().live == 0);
  void* small = arena.allocate(1024);
  CHECK(small != three);
  CHECK(arena.use().reserved == 4096 + 3072 + 1024);
  CHECK(arena.allocate(4096) == four);
  arena.release(four, 4096);
  arena.release(small, 1024);
  arena.trim();
  CHECK(arena.use().reserved == 0);
  CHECK(source.blocks == 0);
}

TEST_CASE("trimming gives waiting blocks back and keeps those in use") {
  Budget source(mib);
  Arena arena(source);
  void* kept = arena.allocate(64);
  arena.release(arena.allocate(4096), 4096);
  CHECK(source.blocks == 2);
  arena.trim();
  CHECK(source.blocks == 1);
  CHECK(arena.use().reserved == 64);
  arena.release(kept, 64);
}

TEST_CASE("when the source is exhausted, waiting blocks of other sizes are given back first") {
  Budget source(mib);
  Arena arena(source);
  arena.release(arena.allocate(mib / 2), mib / 2);
  void* all = arena.allocate(mib);
  CHECK(arena.use().reserved == mib);
  arena.release(all, mib);
}

TEST_CASE("running out says what was asked, what is held and what to do, and leaves the arena usable") {
  Budget source(4 * mib);
  Arena arena(source);
  void* block = arena.allocate(3 * mib);
  CHECK_THROWS_WITH_AS(arena.allocate(2 * mib),
                       "out of memory on the budget: 2 MiB asked for, 3 MiB already in tensors; lower --batch-size",
                       Error);
  CHECK(arena.use().live == 3 * mib);
  arena.release(block, 3 * mib);
  arena.release(arena.allocate(4 * mib), 4 * mib);
}

TEST_CASE("an arena whose source refuses to take a block back stays usable, and lends that block no more") {
  Budget source(4 * mib);
  Arena arena(source);
  void* const first = arena.allocate(mib);
  void* const second = arena.allocate(mib);
  arena.release(first, mib);
  arena.release(second, mib);
  source.refuse_next = true;
  CHECK_THROWS_WITH_AS(arena.trim(), "the budget takes nothing back", Error);
  CHECK(arena.use().reserved == mib);
  void* const again = arena.allocate(mib);
  CHECK(again == first);  // the last block that came back was the one refused
  arena.release(again, mib);
  arena.trim();
  CHECK(arena.use().reserved == 0);
  CHECK(source.blocks == 1);  // the refused block, which nobody owns
}

TEST_CASE("blocks taken while a reserve is open stay its own until it ends") {
  Budget source(mib);
  Arena arena(source);
  void *general = arena.allocate(1024), *kept = nullptr;
  arena.release(general, 1024);
  {
    Arena::Reserve reserve(arena);
    {
      const Arena::Reserve::Open open(reserve);
      CHECK(arena.allocate(1024) == general);  // free blocks of the arena serve the reserve too
      arena.release(general, 1024);
      CHECK(arena.allocate(1024) == general);
      kept = arena.allocate(1024);
    }
    arena.release(general, 1024);  // the block still belongs to the reserve, which is closed
    void* other = arena.allocate(1024);
    CHECK(other != general);
    arena.release(other, 1024);
    arena.trim();
    CHECK(source.blocks == 2);
    const Arena::Reserve::Open again(reserve);
    CHECK(arena.allocate(1024) == general);
    arena.release(general, 1024);
    CHECK(arena.use().live == 1024);
  }
  CHECK(arena.allocate(1024) == general);
  arena.release(general, 1024);
  arena.release(kept, 1024);  // the block outlives its reserve
  arena.trim();
  CHECK(source.blocks == 0);
}

TEST_CASE("running out counts what is set aside, and says how to do without") {
  Budget source(4 * mib);
  Arena arena(source);
  Arena::Reserve reserve(arena);
  {
    const Arena::Reserve::Open open(reserve);
    arena.release(arena.allocate(2 * mib), 2 * mib);
  }
  CHECK_THROWS_WITH_AS(arena.allocate(3 * mib),
                       "out of memory on the budget: 3 MiB asked for, 0 MiB already in tensors, 2 MiB set aside for "
                       "captured steps (--capture-steps never does without); lower --batch-size",
                       Error);
}

TEST_CASE("everything goes back to the source in the end") {
  Budget source(mib);
  {
    Arena arena(source);
    for (size_t bytes = 1; bytes < 3000; bytes += 100) arena.release(arena.allocate(bytes), bytes);
  }
  CHECK(source.blocks == 0);
  CHECK(source.left == mib);
}

TEST_CASE("threads may allocate and release at once") {
  Budget source(64 * mib);
  Arena arena(source);
  const auto work = [&arena](size_t bytes) {
    for (int i = 0; i < 2000; ++i) {
      auto* block = static_cast<char*>(arena.allocate(bytes));
      block[0] = block[bytes - 1] = 1;
      arena.release(block, bytes);
    }
  };
  std::thread other(work, 300);
  work(300);
  other.join();
  CHECK(arena.use().live == 0);
  CHECK(arena.use().system_requests <= 2);
}

}  // namespace
}  // namespace mneme::test
