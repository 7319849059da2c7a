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
  Shape shape;          // rank 0 for an input left undefined
  bool wanted = false;  // backward: its gradient was computed
};

struct OpEvent {
  const char* op;
  Pass pass;
  Shape output;  // of the forward pass
  std::vector<OpInput> inputs;
};

using OpWatcher = std::function<void(const OpEvent&)>;

/// While alive, `watcher` hears of every operation of this thread. The innermost one hears alone. What a backward pass
/// calls to do its work belongs to that pass and is not heard by itself.
class WatchOps {
 public:
  explicit WatchOps(OpWatcher watcher);
  ~WatchOps();
  WatchOps(const WatchOps&) = delete;
  WatchOps& operator=(const WatchOps&) = delete;

 private:
  OpWatcher watcher_;
  const OpWatcher* before_;
};

namespace detail {

extern thread_local const OpWatcher* op_watcher;

void tell_forward(const char* op, const Tensor& y, const std::vector<Tensor>& inputs);
/// The same from shapes, if there is a watcher: for work that was put off.
void tell_put_off(const char* op, const Shape& y, std::initializer_list<Shape> inputs);

/// Held by a walk down the tape: the watcher hears of the walk's steps instead of what they call.
class WalkWatch {
 public:
  WalkWatch() : watcher_(std::exchange(op_watcher, nullptr)) {}
  ~WalkWatch() { op_watcher = watcher_; }
  WalkWatch(const WalkWatch&) = delete;
  WalkWatch& operator=(const WalkWatch&) = delete;
  void tell(const Node& node, const Shape& output, Pass pass) const {
    if (watcher_) tell_watcher(node, output, pass);
  }

 private:
  void tell_watcher(const Node& node, const Shape& output, Pass pass) const;
  const OpWatcher* watcher_;
};

}  // namespace detail

}  // namespace mneme
