#pragma once
// A module is a struct whose parts are named members, so that `forward` reads like the figure of the paper. A module
// lists its tensors once, in each_state(); saving, loading, copying, freezing and counting are built on that. Modules
// hold tensors by value: a copy of a module shares its numbers until own_state() gives the copy its own.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/tensor.h"

namespace mneme {

/// Parameters are trained; buffers (running statistics) are only saved and copied.
enum class StateKind { parameter, buffer };

/// Called with each tensor and its full PyTorch name, e.g. "layer2.0.downsample.1.running_mean".
using Visit = std::function<void(const std::string& name, Tensor& tensor, StateKind kind)>;

/// The base of all layers and networks.
struct Module {
  virtual ~Module() = default;
  /// Calls `visit` for every tensor of the module, always in the same order. `at` is the prefix of the names.
  virtual void each_state(const std::string& at, const Visit& visit) = 0;
};

/// How a forward pass treats batch norm. It is an argument and not stored in modules, so that no module can be left in
/// the wrong mode.
struct Mode {
  bool training = false;       ///< normalise by the statistics of the batch
  bool update_running = true;  ///< in training: update the running statistics
};
/// For training.
constexpr Mode training_mode{true, true};
/// For evaluation.
constexpr Mode inference_mode{false, false};

/// Makes initial values. Draws are counters (seed, number of the tensor, element). So an initialisation depends only on
/// the seed and on the order in which the tensors of a network are made.
class Factory {
 public:
  /// Draws for this seed; the tensors are plain.
  Factory(uint64_t seed, Device device, DType type = DType::f32)
      : key_(random_key(seed, Stream::init)), tensor_options_{device, type, Layout::plain} {}

  Tensor normal(const Shape& shape, double deviation);  ///< N(0, deviation^2)
  Tensor uniform(const Shape& shape, double bound);     ///< U(-bound, bound)
  Tensor constant(const Shape& shape, double value);    ///< all numbers are `value`
  /// The options of the tensors it makes.
  TensorOptions options() const { return tensor_options_; }

 private:
  Tensor draw(const Shape& shape, const std::function<double(RandomCounter)>& value);
  RandomKey key_;
  TensorOptions tensor_options_;
  uint32_t tensors_made_ = 0;
};

/// The name of a part: "layer1" and "0" give "layer1.0"; an empty prefix adds no dot.
std::string join(const std::string& at, const std::string& name);

/// All tensors of the module with their names. They share the module's numbers.
std::vector<std::pair<std::string, Tensor>> named_state(Module& module);
/// The number of trained numbers in the module; buffers do not count.
int64_t parameter_count(Module& module);
/// Gives every tensor of this module its own memory, which it no longer shares with the tensor that it was copied from.
/// The new tensors need no gradient.
void own_state(Module& module);
/// Overwrites the module's numbers with those saved under the same names. Throws Error, naming every tensor that is
/// missing, superfluous or of another shape; only PyTorch's num_batches_tracked may be superfluous. In that case
/// nothing is written.
void load_state(Module& module, const std::vector<std::pair<std::string, Tensor>>& state);

/// A copy of all tensors of a module, to restore later.
class Snapshot {
 public:
  /// Copies the tensors of `module`.
  explicit Snapshot(Module& module);
  /// From a saved state, whose numbers it shares.
  explicit Snapshot(std::vector<std::pair<std::string, Tensor>> state) : state_(std::move(state)) {}
  /// Overwrites the numbers of `module`. Throws Error as load_state() does.
  void restore(Module& module) const;
  /// The tensors with their names.
  const std::vector<std::pair<std::string, Tensor>>& state() const { return state_; }

 private:
  std::vector<std::pair<std::string, Tensor>> state_;
};

}  // namespace mneme
