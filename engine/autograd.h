#pragma once
// Note [Tape]
// Define-by-run reverse mode. An op computes its output and, while recording, hangs a node on it: which tensors went
// in, and a closure that turns the output's gradient into theirs. Nodes are numbered as they are recorded, so walking
// from the largest number down is a valid order: no recursion, no sort. A node gives up what it saved as soon as it
// ran, and an output that still waits for its numbers (Note [Deferred]) gets them then: after a walk nothing keeps
// other tensors alive. A closure that needs its op's output captures y.detach(): a node that held its own output would
// never be freed.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/tensor.h"

namespace mneme {

/// One gradient per input, in order; undefined where none was wanted.
using Grads = std::vector<Tensor>;

/// Which inputs want a gradient. A fused backward may also take the part that already waits at an input and return the
/// sum, saving a pass over memory.
class NeedsInputGrad {
 public:
  explicit NeedsInputGrad(size_t inputs) : needs_input_grad_(inputs, false), waiting_(inputs, nullptr) {}
  bool operator[](size_t i) const { return needs_input_grad_[i]; }
  /// The gradient other consumers of input i have sent so far (undefined if none). Whoever takes it must include it.
  Tensor take_waiting(size_t i) { return waiting_[i] ? std::exchange(*waiting_[i], Tensor{}) : Tensor{}; }

  void set(size_t i, Tensor* waiting) { needs_input_grad_[i] = true, waiting_[i] = waiting; }

 private:
  std::vector<bool> needs_input_grad_;
  std::vector<Tensor*> waiting_;
};

using BackwardFn = std::function<Grads(const Tensor& dy, NeedsInputGrad& needs_input_grad)>;

/// An input's place on the tape: the node that made it, or the leaf itself. It does not hold the input's numbers, so
/// what no closure captured is freed during the forward pass.
struct Edge {
  std::shared_ptr<Node> node;
  Tensor leaf;
  Shape shape;
  bool needs_input_grad = false;
};

struct Node {
  uint64_t number = 0;
  const char* op = "";
  std::vector<Edge> inputs;
  BackwardFn backward;
  std::weak_ptr<Storage> output;

  /// Gives up what was saved for the walk.
  void release();
};

/// True unless a NoGrad is alive in this thread.
bool recording();

/// While alive, nothing is recorded: teachers, evaluation, the optimiser's own arithmetic.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};

/// True when an op on these inputs will be recorded, i.e. when it must save what its backward needs.
bool will_record(const std::vector<Tensor>& inputs);

/// Hangs `backward` on y if recording and any input needs a gradient. `op` names the step in messages.
Tensor record(const char* op, Tensor y, const std::vector<Tensor>& inputs, BackwardFn backward);

struct BackwardOptions {
  bool keep_graph = false;  ///< allow another backward through the same graph, e.g. for vector-Jacobian products
};

/// Adds dy^T dy/dleaf to the gradient of every leaf below y. dy has y's shape; left out for a scalar, it is 1.
void backward(const Tensor& y, const Tensor& dy = {}, BackwardOptions options = {});

}  // namespace mneme
