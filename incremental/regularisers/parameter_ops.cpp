#include "incremental/regularisers/parameter_ops.h"

#include <cmath>

#include "engine/base/random.h"
#include "engine/launch.h"

namespace mneme {
namespace {

template <class R>
struct PullTowards {
  R* gradients;
  const R *values, *anchor, *importance;
  R factor;
  double bytes_each() const { return 5 * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const { gradients[i] += factor * importance[i] * (values[i] - anchor[i]); }
};

template <class R>
struct AddSquares {
  R* sums;
  const R* gradients;
  R factor;
  double bytes_each() const { return 3 * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const { sums[i] += factor * gradients[i] * gradients[i]; }
};

template <class R>
struct AddSizes {
  R* sums;
  const R* gradients;
  R factor;
  double bytes_each() const { return 3 * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const { sums[i] += factor * std::abs(gradients[i]); }
};

template <class R>
struct FollowPath {
  R* path;
  const R *gradients, *values, *before;
  double bytes_each() const { return 5 * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const { path[i] -= gradients[i] * (values[i] - before[i]); }
};

template <class R>
struct AddNormal {
  R* gradients;
  double deviation;
  RandomKey key;
  NoisePlace place;
  double bytes_each() const { return 2 * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const {
    const RandomCounter counter{place.task, place.epoch, static_cast<uint32_t>(i), place.step};
    gradients[i] += static_cast<R>(deviation * normal(key, counter));
  }
};

/// Runs kernel<R> over `target` and the data of the other tensors, after checking that all have the same size and kind.
template <template <class> class Kernel, class... Rest>
void over(const Tensor& target, std::initializer_list<Tensor> others, const Rest&... rest) {
  for (const Tensor& other : others)
    MNEME_CHECK(other.size() == target.size() && other.device() == target.device() && other.dtype() == target.dtype(),
                "a regulariser's numbers ({}) do not fit the parameters ({})", other.shape().text(),
                target.shape().text());
  with_real(target.dtype(), [&](auto kind) {
    using R = decltype(kind);
    const auto number = [](const auto& x) {
      if constexpr (std::is_same_v<std::decay_t<decltype(x)>, Tensor>)
        return static_cast<const R*>(x.template data<R>());
      else
        return R(x);
    };
    for_each(target.device(), target.size(), Kernel<R>{target.data<R>(), number(rest)...});
  });
}

}  // namespace

void pull_towards(const Tensor& gradients, const Tensor& values, const Tensor& anchor, const Tensor& importance,
                  double factor) {
  over<PullTowards>(gradients, {values, anchor, importance}, values, anchor, importance, factor);
}
void add_squares(const Tensor& sums, const Tensor& gradients, double factor) {
  over<AddSquares>(sums, {gradients}, gradients, factor);
}
void add_sizes(const Tensor& sums, const Tensor& gradients, double factor) {
  over<AddSizes>(sums, {gradients}, gradients, factor);
}
void follow_path(const Tensor& path, const Tensor& gradients, const Tensor& values, const Tensor& before) {
  over<FollowPath>(path, {gradients, values, before}, gradients, values, before);
}

void add_normal(const Tensor& gradients, double deviation, uint64_t seed, const NoisePlace& place) {
  with_real(gradients.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(gradients.device(), gradients.size(),
             AddNormal<R>{gradients.data<R>(), deviation, random_key(seed, Stream::noise), place});
  });
}

}  // namespace mneme
