#include "engine/memory.h"

#include <algorithm>
#include <bit>

#include "engine/error.h"

namespace mneme {

Arena::~Arena() { trim(); }

size_t Arena::rounded(size_t bytes) {
  if (bytes <= 64) return 64;
  const size_t step = std::max<size_t>(64, std::bit_floor(bytes) / 8);
  return (bytes + step - 1) / step * step;
}

/// A block that the request fills at least half; null if none waits.
void* Arena::take_waiting(size_t size) {
  for (auto found = waiting_.lower_bound(size); found != waiting_.end() && found->first <= 2 * size; ++found) {
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
  MNEME_CHECK(block, "out of memory on {}: {} MiB asked for, {} MiB already in tensors; lower --batch-size",
              source_.name(), size >> 20, use_.live >> 20);
  blocks_.emplace(block, size);
  use_.reserved += size;
  ++use_.system_requests;
  return block;
}

void Arena::give_back_waiting() {
  for (auto& [size, blocks] : waiting_)
    for (void* block : blocks) {
      blocks_.erase(block);
      use_.reserved -= size;
      source_.give_back(block);
    }
  waiting_.clear();
}

void* Arena::allocate(size_t bytes) {
  const size_t size = rounded(bytes);
  const std::lock_guard lock(mutex_);
  void* block = take_waiting(size);
  if (!block) block = obtain(size);
  use_.live += size;
  use_.peak = std::max(use_.peak, use_.live);
  return block;
}

void Arena::release(void* block, size_t bytes) {
  const std::lock_guard lock(mutex_);
  waiting_[blocks_.at(block)].push_back(block);
  use_.live -= rounded(bytes);
}

void Arena::trim() {
  const std::lock_guard lock(mutex_);
  give_back_waiting();
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
