#include "engine/base/work_count.h"

#include <mutex>

namespace mneme {
namespace {

std::mutex lock;
WorkCount all;

}  // namespace

void count_work(const char* kind) {
  const std::lock_guard alone(lock);
  ++all[kind];
}

WorkCount work_count() {
  const std::lock_guard alone(lock);
  return all;
}

WorkCount work_between(const WorkCount& before, const WorkCount& now) {
  WorkCount more;
  for (const auto& [kind, count] : now) {
    const auto earlier = before.find(kind);
    const int64_t added = count - (earlier == before.end() ? 0 : earlier->second);
    if (added > 0) more[kind] = added;
  }
  return more;
}

int64_t total(const WorkCount& count) {
  int64_t sum = 0;
  for (const auto& [kind, pieces] : count) sum += pieces;
  return sum;
}

}  // namespace mneme
