#pragma once
// Note [Watching operations]
// A tool may ask to be told of every operation as it ends: forward from record(), backward from the walk. Operations
// follow one another on the thread that records, so the time since the last event is the operation's own; nothing in an
// operation needs to know. Without a watcher the price is one test of a pointer.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <utility>
#include <vector>

#include "engine/base/shape.h"

namespace mneme {

class Tensor;
struct Node;

enum class Pass : uint8_t {
  forward,
  backward,
  gradient_sums  ///< what the walk itself does after a node: adding gradients up
};

struct OpInput {
  Shape shape;                    // rank 0 for an input left undefined
  bool needs_input_grad = false;  // backward: its gradient was computed
};

struct OpEvent {
  const char* op;
  Pass pass;
  Shape output;  // of the forward pass
  std::vector<OpInput> inputs;
};

using OpCallback = std::function<void(const OpEvent&)>;

/// While alive, `watcher` hears of every operation of this thread. The innermost one hears alone. What a backward pass
/// calls to do its work belongs to that pass and is not heard by itself.
class OpCallbackGuard {
 public:
  explicit OpCallbackGuard(OpCallback callback);
  ~OpCallbackGuard();
  OpCallbackGuard(const OpCallbackGuard&) = delete;
  OpCallbackGuard& operator=(const OpCallbackGuard&) = delete;

 private:
  OpCallback callback_;
  const OpCallback* before_;
};

namespace detail {

extern thread_local const OpCallback* op_callback;

void report_forward(const char* op, const Tensor& y, const std::vector<Tensor>& inputs);
/// The same from shapes, if there is a watcher: for work that was put off.
void report_deferred(const char* op, const Shape& y, std::initializer_list<Shape> inputs);

/// Held by a walk down the tape: the watcher hears of the walk's steps instead of what they call.
class WalkCallback {
 public:
  WalkCallback() : callback_(std::exchange(op_callback, nullptr)) {}
  ~WalkCallback() { op_callback = callback_; }
  WalkCallback(const WalkCallback&) = delete;
  WalkCallback& operator=(const WalkCallback&) = delete;
  void tell(const Node& node, const Shape& output, Pass pass) const {
    if (callback_) call_back(node, output, pass);
  }

 private:
  void call_back(const Node& node, const Shape& output, Pass pass) const;
  const OpCallback* callback_;
};

}  // namespace detail

}  // namespace mneme
