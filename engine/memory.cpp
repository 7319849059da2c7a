#include "engine/memory.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>
#include <set>

#include "engine/base/error.h"

namespace mneme {
namespace {

std::atomic<ArenaWatcher*> watcher_of_all{nullptr};

}  // namespace

void Arena::watch(ArenaWatcher* watcher) { watcher_of_all = watcher; }

Arena::~Arena() { trim(); }

size_t Arena::rounded(size_t bytes) {
  if (bytes <= 64) return 64;
  const size_t step = std::max<size_t>(64, std::bit_floor(bytes) / 8);
  return (bytes + step - 1) / step * step;
}

/// A block of which the request fills at least half; null if there is none.
void* Arena::take(Waiting& waiting, size_t size) {
  for (auto found = waiting.lower_bound(size); found != waiting.end() && found->first <= 2 * size; ++found) {
    if (found->second.empty()) continue;
    void* const block = found->second.back();
    found->second.pop_back();
    return block;
  }
  return nullptr;
}

void* Arena::obtain(size_t size) {
  void* block = source_.obtain(size);
  if (!block) {
    give_back_waiting();
    block = source_.obtain(size);
  }
  if (!block) out_of_memory(size);
  blocks_.emplace(block, Block{size});
  use_.reserved += size;
  ++use_.system_requests;
  return block;
}

void Arena::out_of_memory(size_t requested) const {
  std::set<const Reserve*> reserves;
  for (const auto& [block, known] : blocks_)
    if (known.owner) reserves.insert(known.owner);
  size_t set_aside = 0;
  for (const Reserve* reserve : reserves)
    for (const auto& [size, waiting] : reserve->waiting_) set_aside += size * waiting.size();
  const std::string beside =
      set_aside
          ? fmt::format(", {} MiB set aside for captured steps (--capture-steps never does without)", set_aside >> 20)
          : "";
  fail("out of memory on {}: {} MiB asked for, {} MiB already in tensors{}; lower --batch-size", source_.name(),
       requested >> 20, use_.live >> 20, beside);
}

void Arena::give_back_waiting() {
  // A block is forgotten before it is returned: if the source throws, the arena must not lend that block again.
  for (auto& [size, blocks] : waiting_)
    while (!blocks.empty()) {
      void* const block = blocks.back();
      blocks.pop_back();
      blocks_.erase(block);
      use_.reserved -= size;
      source_.give_back(block);
    }
  waiting_.clear();
}

void* Arena::allocate(size_t bytes) {
  const size_t size = rounded(bytes);
  const std::lock_guard lock(mutex_);
  void* block = open_ ? take(open_->waiting_, size) : nullptr;
  if (!block) block = take(waiting_, size);
  if (!block) block = obtain(size);
  Block& known = blocks_.at(block);
  known.owner = open_;
  if (ArenaWatcher* const watcher = watcher_of_all) watcher->lent(block, known.size);
  use_.live += size;
  use_.peak = std::max(use_.peak, use_.live);
  return block;
}

void Arena::release(void* block, size_t bytes) {
  const std::lock_guard lock(mutex_);
  const Block& known = blocks_.at(block);
  if (ArenaWatcher* const watcher = watcher_of_all) watcher->returned(block, bytes, known.size, known.owner != nullptr);
  (known.owner ? known.owner->waiting_ : waiting_)[known.size].push_back(block);
  use_.live -= rounded(bytes);
}

void Arena::trim() {
  const std::lock_guard lock(mutex_);
  give_back_waiting();
}

Arena::Reserve::~Reserve() {
  const std::lock_guard lock(arena_.mutex_);
  for (auto& [block, known] : arena_.blocks_)
    if (known.owner == this) known.owner = nullptr;
  for (auto& [size, blocks] : waiting_) {
    std::vector<void*>& all = arena_.waiting_[size];
    all.insert(all.end(), blocks.begin(), blocks.end());
  }
}

Arena::Reserve::Open::Open(Reserve& reserve) : arena_(reserve.arena_) {
  const std::lock_guard lock(arena_.mutex_);
  assert(!arena_.open_);
  arena_.open_ = &reserve;
}

Arena::Reserve::Open::~Open() {
  const std::lock_guard lock(arena_.mutex_);
  arena_.open_ = nullptr;
}

MemoryUse Arena::use() const {
  std::lock_guard lock(mutex_);
  return use_;
}

void Arena::reset_peak() {
  std::lock_guard lock(mutex_);
  use_.peak = use_.live;
}

}  // namespace mneme
