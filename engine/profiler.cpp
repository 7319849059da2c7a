#include "engine/profiler.h"

#include "engine/autograd.h"

namespace mneme {

OpCallbackGuard::OpCallbackGuard(OpCallback callback)
    : callback_(std::move(callback)), before_(std::exchange(detail::op_callback, &callback_)) {}
OpCallbackGuard::~OpCallbackGuard() { detail::op_callback = before_; }

namespace detail {

thread_local const OpCallback* op_callback = nullptr;

void report_forward(const char* op, const Tensor& y, const std::vector<Tensor>& inputs) {
  OpEvent event{op, Pass::forward, y.shape(), {}};
  for (const Tensor& input : inputs) event.inputs.push_back({input ? input.shape() : Shape{}});
  (*op_callback)(event);
}

void report_deferred(const char* op, const Shape& y, std::initializer_list<Shape> inputs) {
  if (!op_callback) return;
  OpEvent event{op, Pass::forward, y, {}};
  for (const Shape& input : inputs) event.inputs.push_back({input});
  (*op_callback)(event);
}

void WalkCallback::call_back(const Node& node, const Shape& output, Pass pass) const {
  OpEvent event{node.op, pass, output, {}};
  for (const Edge& edge : node.inputs) event.inputs.push_back({edge.shape, edge.needs_input_grad});
  (*callback_)(event);
}

}  // namespace detail
}  // namespace mneme
