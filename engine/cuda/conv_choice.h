#pragma once
// Which of a library's algorithms computes a convolution, apart from any library: the key a choice is kept under, what
// makes an algorithm acceptable, and how the fastest is found.

#include <map>
#include <optional>
#include <string>

#include "engine/device.h"
#include "engine/precision.h"

namespace mneme::cuda {

/// What is computed from the other two: y, dx or dw.
enum class ConvPass : uint8_t { forward, data, weights };

/// Everything that may change the choice. `layout` is that of all three tensors, the weights seen as an image (K, C, R,
/// S); with bf16 all three are bf16, otherwise f32.
struct ConvKey {
  ConvPass pass;
  ConvShape shape;
  Layout layout;
  Precision precision;
  bool deterministic, exact;
  auto operator<=>(const ConvKey&) const = default;
  DType type() const { return precision == Precision::bf16 ? DType::bf16 : DType::f32; }
  /// "forward x (128, 16, 32, 32) w (16, 16, 3, 3) stride 1 pad 1, channels last, tf32"
  std::string text() const;
};

/// The key under today's choices of engine/precision.h. Tensor cores want the channels last, in eights; a convolution
/// with only odd channel counts stays plain.
ConvKey conv_key(ConvPass pass, const ConvShape& shape);
constexpr int64_t channel_step = 8;

/// What a library says about an algorithm's arithmetic.
struct AlgorithmNotes {
  bool tensor_cores = false;   ///< rounds f32 factors to tf32; takes bf16 ones as they are
  bool rounds_inputs = false;  ///< rounds f32 factors further: to f16 or bf16
  bool reduced_sums = false;   ///< adds in less than f32
  bool fourier = false, winograd = false;
  bool unordered = false;  ///< adds in whatever order threads arrive
};
bool acceptable(const AlgorithmNotes& notes, const ConvKey& key);

/// Keeps one plan per key, made on first use. If making throws, the key is asked for again next time.
template <class Plan>
class PlanCache {
 public:
  template <class Make>
  const Plan& get(const ConvKey& key, const Make& make) {
    auto found = plans_.find(key);
    if (found == plans_.end()) found = plans_.emplace(key, make()).first;
    return found->second;
  }
  size_t size() const { return plans_.size(); }

 private:
  std::map<ConvKey, Plan> plans_;
};

/// The number in [0, count) with the least time(i); those without a time cannot run. The first one wins a tie.
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
