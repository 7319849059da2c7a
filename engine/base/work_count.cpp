#include "engine/base/work_count.h"

#include <mutex>

namespace mneme {
namespace {

std::mutex lock;
WorkCount all;

}  // namespace

WorkOfKind operator+(const WorkOfKind& a, const WorkOfKind& b) {
  return {a.pieces + b.pieces, a.unstated + b.unstated, a.bytes + b.bytes};
}

void count_work(const char* kind, double bytes) {
  const std::lock_guard alone(lock);
  WorkOfKind& work = all[kind];
  work = work + (bytes < 0 ? WorkOfKind{1, 1, 0} : WorkOfKind{1, 0, bytes});
}

WorkCount work_count() {
  const std::lock_guard alone(lock);
  return all;
}

WorkCount work_between(const WorkCount& before, const WorkCount& now) {
  WorkCount more;
  for (const auto& [kind, work] : now) {
    const auto found = before.find(kind);
    const WorkOfKind earlier = found == before.end() ? WorkOfKind{} : found->second;
    if (work.pieces > earlier.pieces)
      more[kind] = {work.pieces - earlier.pieces, work.unstated - earlier.unstated, work.bytes - earlier.bytes};
  }
  return more;
}

WorkOfKind total(const WorkCount& count) {
  WorkOfKind sum;
  for (const auto& [kind, work] : count) sum = sum + work;
  return sum;
}

}  // namespace mneme
