#pragma once
// Which of a library's algorithms computes a convolution: the key under which a choice is stored, what makes an
// algorithm acceptable, and how the fastest one is found. None of this depends on a library.

#include <map>
#include <optional>
#include <string>

#include "engine/device.h"
#include "engine/precision.h"

namespace mneme::cuda {

/// Which of a convolution's three tensors is computed from the other two: y, dx or dw.
enum class ConvPass : uint8_t { forward, data, weights };

/// Everything that may change the choice of an algorithm.
struct ConvKey {
  ConvPass pass;        ///< what is computed
  ConvShape shape;      ///< the sizes
  Layout layout;        ///< of all three tensors; weights count as an image (K, C, R, S)
  Precision precision;  ///< with bf16 all three tensors are bf16, otherwise f32
  bool deterministic,   ///< see deterministic()
      exact;            ///< see exact_convolutions()
  /// Compares everything.
  auto operator<=>(const ConvKey&) const = default;
  /// The type of the three tensors.
  DType type() const { return precision == Precision::bf16 ? DType::bf16 : DType::f32; }
  /// The sizes of the three tensors together.
  double bytes() const {
    const int64_t x = shape.n * shape.c * shape.h * shape.w, w = shape.k * shape.c * shape.r * shape.s,
                  y = shape.n * shape.k * shape.out_h() * shape.out_w();
    return static_cast<double>(x + w + y) * static_cast<double>(bytes_of(type()));
  }
  /// A text for messages: "forward x (128, 16, 32, 32) w (16, 16, 3, 3) stride 1 pad 1, channels last, tf32".
  std::string text() const;
};

/// The key of a pass under the current choices of engine/precision.h. Tensor cores need channels last, in groups of
/// eight. A convolution where neither channel count is divisible by eight stays plain.
ConvKey conv_key(ConvPass pass, const ConvShape& shape);
/// The group of channels that tensor cores work on.
constexpr int64_t channel_step = 8;

/// The properties of an algorithm's arithmetic, as its library states them.
struct AlgorithmNotes {
  bool tensor_cores = false;   ///< rounds f32 factors to tf32; takes bf16 factors as they are
  bool rounds_inputs = false;  ///< rounds f32 factors further, to f16 or bf16
  bool reduced_sums = false;   ///< adds in less than f32
  bool fourier = false,        ///< computes by Fourier's algorithm
      winograd = false;        ///< computes by Winograd's algorithm
  bool unordered = false;      ///< adds in the order in which threads happen to arrive
};
/// True if the key allows an algorithm with these notes.
bool acceptable(const AlgorithmNotes& notes, const ConvKey& key);

/// Keeps one plan for each key. A plan is made when it is first needed. If making it throws, the next call tries again.
template <class Plan>
class PlanCache {
 public:
  /// The plan for `key`, made by make() if there is none yet.
  template <class Make>
  const Plan& get(const ConvKey& key, const Make& make) {
    auto found = plans_.find(key);
    if (found == plans_.end()) found = plans_.emplace(key, make()).first;
    return found->second;
  }
  /// The number of plans.
  size_t size() const { return plans_.size(); }

 private:
  std::map<ConvKey, Plan> plans_;
};

/// The number i in [0, count) with the smallest time(i). Numbers without a time cannot run. The first of equal times
/// wins; the result is empty if nothing can run.
template <class Time>
std::optional<size_t> fastest(size_t count, const Time& time) {
  std::optional<size_t> best;
  std::optional<double> least;
  for (size_t i = 0; i < count; ++i)
    if (const std::optional<double> took = time(i); took && (!least || *took < *least)) best = i, least = took;
  return best;
}

/// The first number in [0, count) with a time(i).
template <class Time>
std::optional<size_t> first_with_time(size_t count, const Time& time) {
  for (size_t i = 0; i < count; ++i)
    if (time(i)) return i;
  return {};
}

}  // namespace mneme::cuda
