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

void* Arena::allocate(size_t bytes) {
  const size_t size = rounded(bytes);
  std::lock_guard lock(mutex_);
  void* block = nullptr;
  if (auto& free = waiting_[size]; !free.empty()) {
    block = free.back();
    free.pop_back();
  } else {
    block = source_.obtain(size);
    if (!block) {
      for (auto& [waiting_size, blocks] : waiting_) {
        for (void* waiting : blocks) source_.give_back(waiting);
        use_.reserved -= waiting_size * blocks.size();
        blocks.clear();
      }
      block = source_.obtain(size);
    }
    MNEME_CHECK(block, "out of memory on {}: {} MiB asked for, {} MiB already in tensors; lower --batch-size",
                source_.name(), size >> 20, use_.live >> 20);
    use_.reserved += size;
    ++use_.system_requests;
  }
  use_.live += size;
  use_.peak = std::max(use_.peak, use_.live);
  return block;
}

void Arena::release(void* block, size_t bytes) {
  const size_t size = rounded(bytes);
  std::lock_guard lock(mutex_);
  waiting_[size].push_back(block);
  use_.live -= size;
}

void Arena::trim() {
  std::lock_guard lock(mutex_);
  for (auto& [size, blocks] : waiting_) {
    for (void* block : blocks) source_.give_back(block);
    use_.reserved -= size * blocks.size();
    blocks.clear();
  }
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
