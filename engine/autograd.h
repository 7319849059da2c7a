#pragma once
// Note [Tape]
// Reverse-mode automatic differentiation, defined by running. An operation computes its output. If gradients are
// needed, it also attaches a node to the output: the node knows the inputs, and a closure that turns the output's
// gradient into the gradients of the inputs. Nodes are numbered in the order of recording, so backward() visits them
// from the largest number down: neither recursion nor a sort is needed.
//
// backward() releases what a node saved as soon as that node has run. If the node's output is still deferred (Note
// [Deferred]), its numbers are computed at that moment, so that after backward() no graph keeps other tensors alive. A
// closure that needs the output of its own operation captures y.detach(): a node that held its own output would never
// be freed.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/tensor.h"

namespace mneme {

/// The gradient of each input, in the order of the inputs. The gradient of an input that needs none is undefined.
using Grads = std::vector<Tensor>;

/// Says which inputs of a node need a gradient. A fused backward pass may also take the partial gradient that an input
/// has received from other consumers, and return the sum of both: this saves one pass over memory.
class NeedsInputGrad {
 public:
  /// At first no input needs a gradient.
  explicit NeedsInputGrad(size_t inputs) : needs_input_grad_(inputs, false), waiting_(inputs, nullptr) {}
  /// True if input i needs a gradient.
  bool operator[](size_t i) const { return needs_input_grad_[i]; }
  /// Takes the gradient that other consumers of input i have sent so far; undefined if there is none. The caller must
  /// add it to the gradient that it returns for input i.
  Tensor take_waiting(size_t i) { return waiting_[i] ? std::exchange(*waiting_[i], Tensor{}) : Tensor{}; }

  /// Marks input i as needing a gradient. `waiting` is where its gradients are added up; null for a leaf.
  void set(size_t i, Tensor* waiting) { needs_input_grad_[i] = true, waiting_[i] = waiting; }

 private:
  std::vector<bool> needs_input_grad_;
  std::vector<Tensor*> waiting_;
};

/// Turns dy, the gradient of a node's output, into the gradients of its inputs.
using BackwardFn = std::function<Grads(const Tensor& dy, NeedsInputGrad& needs_input_grad)>;

/// Where an input of a node comes from: the node that made it, or the leaf itself. An edge does not hold the input's
/// numbers, so that whatever no closure captured is freed during the forward pass.
struct Edge {
  std::shared_ptr<Node> node;     ///< the node that made the input; null for a leaf
  Tensor leaf;                    ///< the leaf, if it needs a gradient
  Shape shape;                    ///< shape of the input
  bool needs_input_grad = false;  ///< whether a gradient has to be computed for it
};

/// One recorded operation.
struct Node {
  uint64_t number = 0;            ///< position in the order of recording
  const char* op = "";            ///< name of the operation
  std::vector<Edge> inputs;       ///< one edge for each input
  BackwardFn backward;            ///< null once released
  std::weak_ptr<Storage> output;  ///< storage of the operation's output

  /// Drops what was saved for backward(), and computes the output if it is still deferred.
  void release();
};

/// True unless a NoGrad object is alive in this thread.
bool recording();

/// While an object of this class is alive, its thread records nothing: for teachers, evaluation, and the arithmetic of
/// the optimiser.
class NoGrad {
 public:
  /// Stops the recording in this thread.
  NoGrad();
  /// Restores what held before.
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool before_;
};

/// True if an operation on these inputs will be recorded, which means that it must save what its backward pass needs.
bool will_record(const std::vector<Tensor>& inputs);

/// Attaches a node with the closure `backward` to y and returns y, if this thread records and any of the inputs needs a
/// gradient; otherwise returns y unchanged. `op` names the operation in messages; the pointer must stay valid. Reports
/// the operation to the profiler hook (Note [Watching operations]).
Tensor record(const char* op, Tensor y, const std::vector<Tensor>& inputs, BackwardFn backward);

/// Options of backward().
struct BackwardOptions {
  bool keep_graph = false;  ///< allow another backward() through the same graph, e.g. for vector-Jacobian products
};

/// Adds dy^T dy/dleaf to the gradient of every leaf that y was computed from. dy has the shape, type and device of y;
/// for a y of one element it may be left out and is 1. Throws Error if nothing below y was recorded, if dy does not fit
/// y or is missing, and if the graph was released by an earlier backward().
void backward(const Tensor& y, const Tensor& dy = {}, BackwardOptions options = {});

}  // namespace mneme
