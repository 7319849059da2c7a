#include "engine/autograd.h"

#include <algorithm>
#include <atomic>
#include <queue>
#include <unordered_map>

#include "engine/deferred.h"
#include "engine/device.h"
#include "engine/ops.h"
#include "engine/profiler.h"

namespace mneme {
namespace {

thread_local bool record_now = true;
std::atomic<uint64_t> next_number{1};

bool any_needs_grad(const std::vector<Tensor>& inputs) {
  for (const Tensor& input : inputs)
    if (input.needs_grad()) return true;
  return false;
}

/// Adds gradients to those of leaves. A device whose work is queued is given them together at the end of the walk: each
/// is small, and to start a kernel takes it longer than to add a batch norm's parameters.
class LeafGradients {
 public:
  void add(Tensor leaf, const Tensor& gradient) {
    if (!leaf.grad())
      leaf.set_grad(gradient.dtype() == leaf.dtype() ? gradient.clone() : gradient.to(leaf.dtype()));
    else if (!backend(leaf.device()).runs_behind())
      add_in_place(leaf.grad(), gradient);
    else
      put_off(leaf.grad(), gradient);
  }
  void finish() {
    foreach_add(waiting_);
    waiting_.clear();
  }

 private:
  void put_off(const Tensor& sum, const Tensor& gradient) {
    const auto same = [&](const TensorPair& other) { return other.to.raw() == sum.raw(); };
    if (std::ranges::any_of(waiting_, same)) finish();  // one leaf's gradients are added in their order
    waiting_.push_back({sum, gradient});
  }
  std::vector<TensorPair> waiting_;
};

/// The gradients on their way through the graph, one for each node. Gradients that arrive at leaves are added there.
class Walk {
 public:
  void send(const Edge& to, const Tensor& gradient) {
    if (!to.node) return leaves_.add(to.leaf, gradient);
    Tensor& waiting = slot(to.node);
    waiting = waiting ? add(waiting, gradient) : gradient;
  }

  bool empty() const { return order_.empty(); }
  void finish() { leaves_.finish(); }

  std::shared_ptr<Node> take_next(Tensor& gradient) {
    std::shared_ptr<Node> node = order_.top().node;
    order_.pop();
    gradient = std::move(waiting_[node.get()]);
    waiting_.erase(node.get());
    return node;
  }

  /// The tensor in which the gradients of this node's output are summed. A node that is met for the first time is put
  /// into the order of the backward pass.
  Tensor& slot(const std::shared_ptr<Node>& node) {
    auto [it, is_new] = waiting_.try_emplace(node.get());
    if (is_new) order_.push({node->number, node});
    return it->second;
  }

 private:
  struct Entry {
    uint64_t number;
    std::shared_ptr<Node> node;
    bool operator<(const Entry& other) const { return number < other.number; }
  };
  LeafGradients leaves_;
  std::priority_queue<Entry> order_;
  std::unordered_map<Node*, Tensor> waiting_;
};

NeedsInputGrad wanted_of(const Node& node, Walk& walk) {
  NeedsInputGrad needs_input_grad(node.inputs.size());
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const Edge& edge = node.inputs[i];
    if (edge.needs_input_grad) needs_input_grad.set(i, edge.node ? &walk.slot(edge.node) : nullptr);
  }
  return needs_input_grad;
}

void check_gradient(const Node& node, size_t i, const Tensor& gradient) {
  MNEME_CHECK(gradient.shape() == node.inputs[i].shape, "backward of '{}': gradient {} for input {} of shape {}",
              node.op, gradient.shape().text(), i, node.inputs[i].shape.text());
}

void check_start(const Tensor& y, const Tensor& dy) {
  MNEME_CHECK(dy.shape() == y.shape(), "backward: the gradient {} does not fit a tensor of shape {}", dy.shape().text(),
              y.shape().text());
  MNEME_CHECK(dy.device() == y.device() && dy.dtype() == y.dtype(),
              "backward: a gradient of {} {} for a tensor of {} {}", name_of(dy.device()), name_of(dy.dtype()),
              name_of(y.device()), name_of(y.dtype()));
}

Edge edge_to(const Tensor& input) {
  if (!input) return {};
  if (input.state()->node) return {input.state()->node, {}, input.shape(), true};
  const bool needs_input_grad = input.state()->leaf_wants_grad;
  return {nullptr, needs_input_grad ? input : Tensor{}, input.shape(), needs_input_grad};
}

}  // namespace

void Node::release() {
  backward = nullptr;
  inputs.clear();
  if (const std::shared_ptr<Storage> held = output.lock()) ensure_numbers(*held);
}

bool recording() { return record_now; }
NoGrad::NoGrad() : before_(std::exchange(record_now, false)) {}
NoGrad::~NoGrad() { record_now = before_; }

bool will_record(const std::vector<Tensor>& inputs) { return record_now && any_needs_grad(inputs); }

Tensor record(const char* op, Tensor y, const std::vector<Tensor>& inputs, BackwardFn backward) {
  if (detail::op_callback) detail::report_forward(op, y, inputs);
  if (!will_record(inputs)) return y;
  auto node = std::make_shared<Node>();
  node->number = next_number++;
  node->op = op;
  for (const Tensor& input : inputs) node->inputs.push_back(edge_to(input));
  node->backward = std::move(backward);
  node->output = y.state()->storage;
  y.state()->node = std::move(node);
  return y;
}

void backward(const Tensor& y, const Tensor& dy, BackwardOptions options) {
  MNEME_CHECK(y.needs_grad(), "backward: nothing below this tensor was recorded; was it computed under NoGrad?");
  MNEME_CHECK(dy || y.size() == 1, "backward: a tensor of shape {} needs its gradient stated", y.shape().text());
  if (dy) check_start(y, dy);
  NoGrad numbers_only;
  const detail::WalkCallback watch;
  Walk walk;
  walk.send(edge_to(y), dy ? dy : Tensor::full(y.shape(), 1.0, y.options()));
  while (!walk.empty()) {
    Tensor gradient;
    const std::shared_ptr<Node> node = walk.take_next(gradient);
    MNEME_CHECK(node->backward,
                "backward: the graph behind '{}' was already released; pass keep_graph to walk it twice", node->op);
    if (!gradient) continue;  // a consumer took a slot for it, but then had no gradient to send
    NeedsInputGrad needs_input_grad = wanted_of(*node, walk);
    const Grads grads = node->backward(gradient, needs_input_grad);
    watch.tell(*node, gradient.shape(), Pass::backward);
    gradient = {};
    for (size_t i = 0; i < grads.size(); ++i) {
      if (!grads[i] || !needs_input_grad[i]) continue;
      check_gradient(*node, i, grads[i]);
      walk.send(node->inputs[i], grads[i]);
    }
    watch.tell(*node, {}, Pass::gradient_sums);
    if (!options.keep_graph) node->release();
  }
  walk.finish();
}

}  // namespace mneme
