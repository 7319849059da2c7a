#include "engine/deferred.h"

#include "engine/launch.h"
#include "engine/ops.h"
#include "engine/ops/batch_norm_gradient.h"
#include "engine/ops/packs.h"

namespace mneme {
namespace {

template <class S, bool Two, bool Relu>
struct Follow {
  using R = Arithmetic<S>;
  const S *x, *x2;
  const R *a, *a2, *c;
  S* y;
  double bytes_each() const { return (Two ? 3 : 2) * sizeof(S); }
  ON_DEVICE static R value(R a, R x, R a2, R x2, R c) {
    R sum = a * x + c;
    if (Two) sum += a2 * x2;
    return Relu && sum < 0 ? R(0) : sum;  // a NaN stays a NaN
  }
  ON_DEVICE void operator()(int64_t i, int64_t ch) const {
    y[i] = value(a[ch], x[i], Two ? a2[ch] : R(0), Two ? R(x2[i]) : R(0), c[ch]);
  }

  static constexpr int pack = pack_of<S>;
  bool packs() const { return all_aligned(x, x2, a, a2, c, y); }
  ON_DEVICE void several(int64_t i, int64_t ch) const {
    S one[pack], two[pack] = {}, out[pack];
    R of_one[pack], of_two[pack] = {}, constant[pack];
    read_pack(x + i, one);
    read_pack(a + ch, of_one);
    read_pack(c + ch, constant);
    if (Two) read_pack(x2 + i, two), read_pack(a2 + ch, of_two);
    for (int k = 0; k < pack; ++k) out[k] = value(of_one[k], one[k], of_two[k], two[k], constant[k]);
    write_pack(out, y + i);
  }
};

template <class S, bool Two, bool Relu>
void follow(const ChannelAffine& d, S* y) {
  const auto* a = d.coefficients.data<Arithmetic<S>>();
  const int64_t channels = d.x.dim(1);
  const S* second = nullptr;
  if (Two) second = d.x2.data<S>();
  for_each_pixel(d.x.device(), image_view(d.x),
                 Follow<S, Two, Relu>{d.x.data<S>(), second, a, a + channels, a + 2 * channels, y});
}

/// One pass over a gradient: g = dx + waiting where y is positive and 0 elsewhere, and the sums of g, g z and g z2.
template <class S>
struct Complete {
  using R = Arithmetic<S>;
  const S *dx, *waiting, *y, *z, *z2;  // waiting and z2 may be null
  S* g;
  double bytes_each() const { return sizeof(S) * (4 + (waiting ? 1 : 0) + (z2 ? 1 : 0)); }
  ON_DEVICE void operator()(int64_t i, int64_t, R* term) const {
    const R total = waiting ? R(dx[i]) + R(waiting[i]) : R(dx[i]), kept = y[i] > 0 ? total : R(0);
    g[i] = kept;
    term[0] = kept;
    term[1] = kept * z[i];
    term[2] = z2 ? kept * z2[i] : R(0);
  }

  static constexpr int pack = pack_of<S>;
  bool packs() const { return all_aligned(dx, waiting, y, z, z2, g); }
  ON_DEVICE void several(int64_t i, int64_t, R (&term)[3][pack]) const {
    S gradient[pack], more[pack] = {}, made[pack], one[pack], two[pack] = {}, out[pack];
    read_pack(dx + i, gradient);
    read_pack(y + i, made);
    read_pack(z + i, one);
    if (waiting) read_pack(waiting + i, more);
    if (z2) read_pack(z2 + i, two);
    for (int k = 0; k < pack; ++k) {
      const R kept = made[k] > 0 ? R(gradient[k]) + R(more[k]) : R(0);
      out[k] = kept;
      term[0][k] = kept;
      term[1][k] = kept * one[k];
      term[2][k] = kept * two[k];
    }
    write_pack(out, g + i);
  }
};

/// True for numbers that exist and were not made by an affine map. Only such a tensor, the output of a convolution, is
/// read by a batch norm that needs the sums.
bool is_plain(const std::shared_ptr<Storage>& storage) {
  return storage && storage->buffer && storage->origin.x.expired();
}

Tensor without_numbers(const Shape& shape, TensorOptions tensor_options) {
  auto state = std::make_shared<TensorState>();
  state->shape = shape;
  state->tensor_options = tensor_options;
  state->storage = std::make_shared<Storage>();
  return Tensor(std::move(state));
}

/// Computes relu?(a x + a2 x2 + c). If x itself is deferred, its producer applies the map.
std::shared_ptr<Buffer> follow(const ChannelAffine& d) {
  if (const Storage& x = *d.x.state()->storage; x.producer) return x.producer->make(&d);
  std::shared_ptr<Buffer> made = buffer_for(d.x.shape(), d.x.options());
  with_stored(d.x.dtype(), [&](auto kind) {
    using S = decltype(kind);
    auto* y = reinterpret_cast<S*>(made->data());
    if (d.x2)
      d.relu ? follow<S, true, true>(d, y) : follow<S, true, false>(d, y);
    else
      d.relu ? follow<S, false, true>(d, y) : follow<S, false, false>(d, y);
  });
  return made;
}

Origin origin_of(const ChannelAffine& d) {
  return {d.x.state()->storage, d.x2 ? d.x2.state()->storage : nullptr, d.relu};
}

}  // namespace

Completion::Completion(const Tensor& x, const Tensor& waiting_any) : made(x), waiting(waiting_any) {
  const Storage& storage = *x.state()->storage;
  const Origin origin = storage.affine ? origin_of(*storage.affine) : storage.origin;
  const std::shared_ptr<Storage> first = origin.x.lock(), second = origin.x2.lock();
  if (!origin.relu || !is_plain(first)) return;
  z = first;
  // Where a tensor was added to itself, one batch norm awaits the gradient, not two.
  if (second != first && is_plain(second)) z2 = second;
}

void Completion::record(const Tensor& g, const Tensor& products) const {
  FusedStatistics& fused_statistics = g.state()->storage->fused_statistics;
  fused_statistics.masked_by = made.state()->storage;
  fused_statistics.products = products;
  fused_statistics.z = z;
  fused_statistics.z2 = z2;
}

namespace {

/// What follows from the products for the batch norm whose input z is, if one awaits it.
template <class R>
GradientFromProducts<R> follow_up(const std::shared_ptr<Storage>& z, int64_t row, const Tensor& products,
                                  const Tensor& g) {
  const std::shared_ptr<AwaitedGradient> awaited = z ? z->awaited.lock() : nullptr;
  if (!awaited) return {};
  prepare(*awaited);
  awaited->of = g.state()->storage;
  return {doubles_in(products), row, BatchNormGradient<R>(*awaited)};
}

}  // namespace

Tensor complete_gradient(const Completion& completion, const Tensor& dx) {
  if (!completion.applies()) return completion.waiting ? add(dx, completion.waiting) : dx;
  const Tensor waiting = completion.waiting ? completion.waiting.to(dx.layout()) : Tensor{};
  Tensor g = Tensor::empty(dx.shape(), dx.options()), products = channel_doubles(dx.device(), 3, dx.dim(1));
  with_stored(dx.dtype(), [&](auto kind) {
    using S = decltype(kind);
    const S* other = nullptr;
    if (waiting) other = waiting.data<S>();
    using R = Arithmetic<S>;
    using Follow = GradientFromProducts<R>;
    channel_sums<3, R>(
        dx.device(), image_view(dx),
        Complete<S>{dx.data<S>(), other, completion.made.data<S>(), numbers_in<S>(completion.z),
                    numbers_in<S>(completion.z2), g.data<S>()},
        doubles_in(products),
        Both<Follow, Follow>{follow_up<R>(completion.z, 1, products, g), follow_up<R>(completion.z2, 2, products, g)});
  });
  completion.record(g, products);
  return g;
}

Tensor deferred(ChannelAffine affine) {
  const Tensor t = without_numbers(affine.x.shape(), affine.x.options());
  t.state()->storage->affine = std::make_unique<const ChannelAffine>(std::move(affine));
  return t;
}

Tensor deferred(const Shape& shape, TensorOptions tensor_options, std::unique_ptr<const LazyProducer> producer) {
  const Tensor t = without_numbers(shape, tensor_options);
  t.state()->storage->producer = std::move(producer);
  return t;
}

const ChannelAffine* pending(const Tensor& t) {
  const Storage& storage = *t.state()->storage;
  return storage.buffer ? nullptr : storage.affine.get();
}

Tensor channel_doubles(Device device, int64_t rows, int64_t channels) {
  return Tensor::empty({rows, channels, 2}, {device, DType::i32, Layout::plain});
}

bool has_numbers(const Tensor& t) { return t.state()->storage->buffer != nullptr; }

std::shared_ptr<Buffer> buffer_for(const Shape& shape, TensorOptions tensor_options) {
  return std::make_shared<Buffer>(tensor_options.device,
                                  static_cast<size_t>(shape.elements()) * bytes_of(tensor_options.dtype));
}

void ensure_numbers(Storage& storage) {
  if (storage.buffer) return;
  storage.buffer = storage.producer ? storage.producer->make(nullptr) : follow(*storage.affine);
  if (storage.affine) storage.origin = origin_of(*storage.affine);
  storage.affine = nullptr;
  storage.producer = nullptr;
}

}  // namespace mneme
