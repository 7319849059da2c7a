#pragma once
// A module is a struct whose children are named members, so that `forward` reads like the paper's figure. It names what
// it holds once, in each_state; saving, loading, copying, freezing and counting are written once on top of that.
// Modules hold tensors by value: copying a module shares its numbers until own_state() gives the copy its own.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/tensor.h"

namespace mneme {

enum class StateKind { parameter, buffer };  ///< buffers (running statistics) are saved and copied but not trained

/// Called with each tensor's full PyTorch name, e.g. "layer2.0.downsample.1.running_mean".
using Visit = std::function<void(const std::string& name, Tensor& tensor, StateKind kind)>;

struct Module {
  virtual ~Module() = default;
  virtual void each_state(const std::string& at, const Visit& visit) = 0;
};

/// How a forward pass treats batch norm. Passed along rather than stored: a module has no mood to forget about.
struct Mode {
  bool training = false;       ///< normalise by batch statistics
  bool update_running = true;  ///< while training: move the running statistics
};
constexpr Mode training_mode{true, true};
constexpr Mode inference_mode{false, false};

/// Makes initial values. Draws are counters (seed, number of the tensor, element), so an initialisation depends on the
/// seed and on the order in which a network's tensors are made, and on nothing else.
class Factory {
 public:
  Factory(uint64_t seed, Device device, DType type = DType::f32)
      : key_(random_key(seed, Stream::init)), tensor_options_{device, type, Layout::plain} {}

  Tensor normal(const Shape& shape, double deviation);  ///< N(0, deviation^2)
  Tensor uniform(const Shape& shape, double bound);     ///< U(-bound, bound)
  Tensor constant(const Shape& shape, double value);
  TensorOptions options() const { return tensor_options_; }

 private:
  Tensor draw(const Shape& shape, const std::function<double(RandomCounter)>& value);
  RandomKey key_;
  TensorOptions tensor_options_;
  uint32_t tensors_made_ = 0;
};

/// "layer1" and "0" -> "layer1.0"; an empty prefix adds no dot.
std::string join(const std::string& at, const std::string& name);

std::vector<std::pair<std::string, Tensor>> named_state(Module& module);
int64_t parameter_count(Module& module);
/// Gives every tensor of this module numbers of its own, cut off from whatever it was copied from, wanting no gradient.
void own_state(Module& module);
/// Overwrites the module's numbers with those saved under the same names. Throws, naming every tensor that is missing,
/// left over or of another shape; only PyTorch's num_batches_tracked may be left over.
void load_state(Module& module, const std::vector<std::pair<std::string, Tensor>>& state);

/// A copy of everything a module holds, to return to later.
class Snapshot {
 public:
  explicit Snapshot(Module& module);
  /// From saved state; shares its numbers.
  explicit Snapshot(std::vector<std::pair<std::string, Tensor>> state) : state_(std::move(state)) {}
  void restore(Module& module) const;
  const std::vector<std::pair<std::string, Tensor>>& state() const { return state_; }

 private:
  std::vector<std::pair<std::string, Tensor>> state_;
};

}  // namespace mneme
