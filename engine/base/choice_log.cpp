#include "engine/base/choice_log.h"

#include <mutex>
#include <utility>

namespace mneme {
namespace {

std::mutex lock;
std::vector<std::string> all;

}  // namespace

void note_choice(std::string line) {
  const std::lock_guard alone(lock);
  all.push_back(std::move(line));
}

std::vector<std::string> choices_noted() {
  const std::lock_guard alone(lock);
  return all;
}

}  // namespace mneme
