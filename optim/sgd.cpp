#include "optim/sgd.h"

#include <cmath>

#include "engine/launch.h"
#include "engine/ops/packs.h"

namespace mneme {
namespace {

template <class R>
struct Step {
  R *values, *velocity;
  const R *gradients, *rate, *scale, *loss;
  R momentum, decay;
  bool nesterov;
  double bytes_each() const { return (velocity ? 5 : 3) * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const {
    if (loss && !(*loss - *loss == 0)) return;  // true for an infinite loss and for NaN
    R value = values[i], speed = velocity ? velocity[i] : R(0);
    update(value, speed, gradients[i]);
    values[i] = value;
    if (velocity) velocity[i] = speed;
  }
  ON_DEVICE void update(R& value, R& speed, R gradient) const {
    const R g = *scale * gradient + decay * value;
    if (!velocity) {
      value -= *rate * g;
      return;
    }
    speed = momentum * speed + g;
    value -= *rate * (nesterov ? g + momentum * speed : speed);
  }

  static constexpr int pack = pack_of<R>;
  bool packs() const { return all_aligned(values, velocity, gradients); }
  ON_DEVICE void several(int64_t i) const {
    if (loss && !(*loss - *loss == 0)) return;
    R value[pack], speed[pack] = {}, gradient[pack];
    read_pack(values + i, value);
    read_pack(gradients + i, gradient);
    if (velocity) read_pack(velocity + i, speed);
    for (int k = 0; k < pack; ++k) update(value[k], speed[k], gradient[k]);
    write_pack(value, values + i);
    if (velocity) write_pack(speed, velocity + i);
  }
};

template <class R>
struct ClipScale {
  const R* squares;
  R* factor;
  double limit;
  double bytes_each() const { return 2 * sizeof(R); }
  ON_DEVICE void operator()(int64_t) const {
    *factor = static_cast<R>(clip_scale(::sqrt(static_cast<double>(*squares)), limit));
  }
};

}  // namespace

Sgd::Sgd(ParameterBlock& block, SgdOptions options) : block_(block), options_(options) {
  MNEME_CHECK(options.momentum >= 0 && options.momentum < 1, "momentum must lie in [0, 1), got {}", options.momentum);
  MNEME_CHECK(options.weight_decay >= 0, "weight decay must not be negative, got {}", options.weight_decay);
  if (options.momentum > 0) velocity_ = Tensor::zeros(block.values().shape(), block.values().options());
}

void Sgd::restore(const Tensor& velocity) {
  const bool fits = velocity.defined() == velocity_.defined() && (!velocity || velocity.shape() == velocity_.shape());
  MNEME_CHECK(fits, "the saved momentum is of {} numbers, the parameters being trained are {}",
              velocity ? velocity.size() : 0, velocity_ ? velocity_.size() : 0);
  if (velocity) velocity_.copy_from(velocity);
}

NamedMomentum Sgd::momentum() const {
  if (!velocity_) return {};
  NamedMomentum kept = block_.parts_of(velocity_);
  for (auto& [name, part] : kept) part = part.clone();
  return kept;
}

void Sgd::take_over(const NamedMomentum& momentum) {
  if (!velocity_) return;
  for (auto& [name, part] : block_.parts_of(velocity_))
    for (const auto& [other_name, velocity] : momentum)
      if (other_name == name && velocity.size() == part.size()) part.copy_from(velocity);
}

void Sgd::step(double learning_rate, double gradient_scale) {
  const TensorOptions tensor_options = block_.values().options();
  step(Tensor::full({}, learning_rate, tensor_options), Tensor::full({}, gradient_scale, tensor_options));
}

void Sgd::step(const Tensor& learning_rate, const Tensor& gradient_scale, const Tensor& loss) {
  const Tensor& values = block_.values();
  with_real(values.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(values.device(), values.size(),
             Step<R>{values.data<R>(), velocity_ ? velocity_.data<R>() : nullptr, block_.gradients().data<R>(),
                     learning_rate.data<R>(), gradient_scale.data<R>(), loss ? loss.data<R>() : nullptr,
                     R(options_.momentum), R(options_.weight_decay), options_.nesterov});
  });
}

void clip_scale(const Tensor& squares, double limit, const Tensor& factor) {
  with_real(factor.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(factor.device(), 1, ClipScale<R>{squares.data<R>(), factor.data<R>(), limit});
  });
}

}  // namespace mneme
