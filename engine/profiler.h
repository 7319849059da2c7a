#pragma once
// Note [Watching operations]
// A tool may register a profiler hook, a callback that is called at the end of every operation: at the end of a forward
// pass from record(), and at the end of a backward pass from backward(). The operations of a thread follow one another,
// so the time since the last event is the time of the operation itself. The code of an operation does not know about
// the hook. Without a hook the cost is one test of a pointer.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <utility>
#include <vector>

#include "engine/base/shape.h"

namespace mneme {

class Tensor;
struct Node;

/// The kind of pass that an event reports.
enum class Pass : uint8_t {
  forward,       ///< an operation's forward pass
  backward,      ///< an operation's backward pass
  gradient_sums  ///< the work of backward() itself after a node: adding up gradients
};

/// One input of a reported operation.
struct OpInput {
  Shape shape;                    ///< rank 0 for an undefined input
  bool needs_input_grad = false;  ///< in a backward pass: whether its gradient was computed
};

/// One reported operation.
struct OpEvent {
  const char* op;               ///< name of the operation
  Pass pass;                    ///< what has ended
  Shape output;                 ///< shape of the output of the forward pass
  std::vector<OpInput> inputs;  ///< the inputs of the forward pass, in order
};

/// The type of a profiler hook.
using OpCallback = std::function<void(const OpEvent&)>;

/// While an object of this class is alive, its callback is called for every operation of this thread. If several are
/// alive, only the newest is called. Operations that a backward pass calls belong to that pass and are not reported
/// themselves.
class OpCallbackGuard {
 public:
  /// Registers `callback`.
  explicit OpCallbackGuard(OpCallback callback);
  /// Registers the previous callback again.
  ~OpCallbackGuard();
  OpCallbackGuard(const OpCallbackGuard&) = delete;
  OpCallbackGuard& operator=(const OpCallbackGuard&) = delete;

 private:
  OpCallback callback_;
  const OpCallback* before_;
};

namespace detail {

/// The callback of this thread; null if there is none.
extern thread_local const OpCallback* op_callback;

/// Reports a forward pass to the callback, which must exist.
void report_forward(const char* op, const Tensor& y, const std::vector<Tensor>& inputs);
/// Reports deferred work, given by its shapes. Does nothing without a callback.
void report_deferred(const char* op, const Shape& y, std::initializer_list<Shape> inputs);

/// Held by backward(): the callback gets the steps of backward() instead of the operations that they call.
class WalkCallback {
 public:
  /// Takes the callback of this thread.
  WalkCallback() : callback_(std::exchange(op_callback, nullptr)) {}
  /// Puts the callback back.
  ~WalkCallback() { op_callback = callback_; }
  WalkCallback(const WalkCallback&) = delete;
  WalkCallback& operator=(const WalkCallback&) = delete;
  /// Reports one step of backward(), if there is a callback.
  void tell(const Node& node, const Shape& output, Pass pass) const {
    if (callback_) call_back(node, output, pass);
  }

 private:
  void call_back(const Node& node, const Shape& output, Pass pass) const;
  const OpCallback* callback_;
};

}  // namespace detail

}  // namespace mneme
