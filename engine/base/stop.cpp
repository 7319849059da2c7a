#include "engine/base/stop.h"

#include <atomic>
#include <utility>

namespace mneme {
namespace {

std::atomic<const std::function<bool()>*> asked_now{nullptr};
thread_local int stoppable = 0;

}  // namespace

StopRequests::StopRequests(std::function<bool()> asked) : asked_(std::move(asked)), before_(asked_now) {
  asked_now = &asked_;
}

StopRequests::~StopRequests() { asked_now = before_; }

Stoppable::Stoppable() { ++stoppable; }
Stoppable::~Stoppable() { --stoppable; }

void stop_if_asked() {
  if (stoppable == 0) return;
  const std::function<bool()>* asked = asked_now;
  if (asked && (*asked)()) throw StopAsked();
}

}  // namespace mneme
