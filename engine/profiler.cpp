#include "engine/profiler.h"

#include "engine/autograd.h"

namespace mneme {

WatchOps::WatchOps(OpWatcher watcher)
    : watcher_(std::move(watcher)), before_(std::exchange(detail::op_watcher, &watcher_)) {}
WatchOps::~WatchOps() { detail::op_watcher = before_; }

namespace detail {

thread_local const OpWatcher* op_watcher = nullptr;

void tell_forward(const char* op, const Tensor& y, const std::vector<Tensor>& inputs) {
  OpEvent event{op, Pass::forward, y.shape(), {}};
  for (const Tensor& input : inputs) event.inputs.push_back({input ? input.shape() : Shape{}});
  (*op_watcher)(event);
}

void tell_put_off(const char* op, const Shape& y, std::initializer_list<Shape> inputs) {
  if (!op_watcher) return;
  OpEvent event{op, Pass::forward, y, {}};
  for (const Shape& input : inputs) event.inputs.push_back({input});
  (*op_watcher)(event);
}

void WalkWatch::tell_watcher(const Node& node, const Shape& output, Pass pass) const {
  OpEvent event{node.op, pass, output, {}};
  for (const Edge& edge : node.inputs) event.inputs.push_back({edge.shape, edge.wanted});
  (*watcher_)(event);
}

}  // namespace detail
}  // namespace mneme
