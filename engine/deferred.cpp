#include "engine/deferred.h"

#include "engine/launch.h"

namespace mneme {
namespace {

template <class R, bool Two, bool Relu>
struct Follow {
  const R *x, *x2, *a, *a2, *c;
  R* y;
  ON_DEVICE void operator()(int64_t i, int64_t ch) const {
    R value = a[ch] * x[i] + c[ch];
    if (Two) value += a2[ch] * x2[i];
    y[i] = Relu && value < 0 ? R(0) : value;  // NaN passes
  }
};

template <class R, bool Two, bool Relu>
void follow(const Deferred& d, R* y) {
  const R* a = d.coefficients.data<R>();
  const int64_t channels = d.x.dim(1);
  const R* second = nullptr;
  if (Two) second = d.x2.data<R>();
  for_each_pixel(d.x.device(), image_view(d.x),
                 Follow<R, Two, Relu>{d.x.data<R>(), second, a, a + channels, a + 2 * channels, y});
}

}  // namespace

Tensor deferred(Deferred recipe) {
  auto state = std::make_shared<TensorState>();
  state->shape = recipe.x.shape();
  state->like = recipe.x.like();
  state->storage = std::make_shared<Storage>();
  state->storage->recipe = std::make_unique<const Deferred>(std::move(recipe));
  return Tensor(std::move(state));
}

const Deferred* pending(const Tensor& t) {
  const Storage& storage = *t.state()->storage;
  return storage.buffer ? nullptr : storage.recipe.get();
}

Tensor channel_doubles(Device device, int64_t rows, int64_t channels) {
  return Tensor::empty({rows, channels, 2}, {device, DType::i32, Layout::plain});
}

void detail::follow_recipe(const TensorState& state) {
  Storage& storage = *state.storage;
  const Deferred& d = *storage.recipe;
  storage.buffer = std::make_shared<Buffer>(state.like.device,
                                            static_cast<size_t>(state.shape.elements()) * bytes_of(state.like.dtype));
  with_real(state.like.dtype, [&](auto kind) {
    using R = decltype(kind);
    auto* y = reinterpret_cast<R*>(storage.buffer->data());
    if (d.x2)
      d.relu ? follow<R, true, true>(d, y) : follow<R, true, false>(d, y);
    else
      d.relu ? follow<R, false, true>(d, y) : follow<R, false, false>(d, y);
  });
  storage.origin = {d.x.state()->storage, d.x2 ? d.x2.state()->storage : nullptr, d.relu};
  storage.recipe = nullptr;
}

}  // namespace mneme
