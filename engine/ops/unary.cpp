// Element-wise operations of one input: y = f(x), dx = f'(x) dy. One struct per operation.

#include <cmath>

#include "engine/deferred.h"
#include "engine/device.h"
#include "engine/launch.h"
#include "engine/ops.h"
#include "engine/ops/packs.h"

namespace mneme {
namespace {

// One line per formula:
// clang-format off

// `backward` gets the output y where the derivative is cheapest to compute from it (from_output), otherwise the input
// x.
struct Relu {
  static constexpr bool from_output = true;
  template <class R> ON_DEVICE R forward(R x) const { return x < 0 ? R(0) : x; }  // NaN passes
  template <class R> ON_DEVICE R backward(R y, R dy) const { return y > 0 ? dy : R(0); }
};

struct Sigmoid {
  static constexpr bool from_output = true;
  template <class R> ON_DEVICE R forward(R x) const { return 1 / (1 + std::exp(-x)); }
  template <class R> ON_DEVICE R backward(R y, R dy) const { return dy * y * (1 - y); }
};

struct Softplus {
  static constexpr bool from_output = false;
  template <class R> ON_DEVICE R forward(R x) const { return (x > 0 ? x : R(0)) + std::log1p(std::exp(-std::abs(x))); }
  template <class R> ON_DEVICE R backward(R x, R dy) const { return dy / (1 + std::exp(-x)); }
};

struct Exp {
  static constexpr bool from_output = true;
  template <class R> ON_DEVICE R forward(R x) const { return std::exp(x); }
  template <class R> ON_DEVICE R backward(R y, R dy) const { return dy * y; }
};

struct Log {
  static constexpr bool from_output = false;
  template <class R> ON_DEVICE R forward(R x) const { return std::log(x); }
  template <class R> ON_DEVICE R backward(R x, R dy) const { return dy / x; }
};

struct Sqrt {
  static constexpr bool from_output = true;
  template <class R> ON_DEVICE R forward(R x) const { return std::sqrt(x); }
  template <class R> ON_DEVICE R backward(R y, R dy) const { return dy / (2 * y); }
};

struct Abs {
  static constexpr bool from_output = false;
  template <class R> ON_DEVICE R forward(R x) const { return std::abs(x); }
  template <class R> ON_DEVICE R backward(R x, R dy) const { return x > 0 ? dy : x < 0 ? -dy : R(0); }
};

struct Square {
  static constexpr bool from_output = false;
  template <class R> ON_DEVICE R forward(R x) const { return x * x; }
  template <class R> ON_DEVICE R backward(R x, R dy) const { return 2 * x * dy; }
};

struct Scale {
  static constexpr bool from_output = false;
  double factor;
  template <class R> ON_DEVICE R forward(R x) const { return R(factor) * x; }
  template <class R> ON_DEVICE R backward(R, R dy) const { return R(factor) * dy; }
};

struct AddScalar {
  static constexpr bool from_output = false;
  double amount;
  template <class R> ON_DEVICE R forward(R x) const { return x + R(amount); }
  template <class R> ON_DEVICE R backward(R, R dy) const { return dy; }
};

struct ClampMin {
  static constexpr bool from_output = false;
  double least;
  template <class R> ON_DEVICE R forward(R x) const { return x < R(least) ? R(least) : x; }  // NaN passes
  template <class R> ON_DEVICE R backward(R x, R dy) const { return x > R(least) ? dy : R(0); }
};

// clang-format on

template <class S, class Op>
struct Forward {
  using R = Arithmetic<S>;
  Op op;
  const S* x;
  S* y;
  double bytes_each() const { return 2 * sizeof(S); }
  ON_DEVICE void operator()(int64_t i) const { y[i] = op.forward(R(x[i])); }

  static constexpr int pack = pack_of<S>;
  bool packs() const { return all_aligned(x, y); }
  ON_DEVICE void several(int64_t i) const {
    S in[pack], out[pack];
    read_pack(x + i, in);
    for (int k = 0; k < pack; ++k) out[k] = op.forward(R(in[k]));
    write_pack(out, y + i);
  }
};

template <class S, class Op>
struct Backward {
  using R = Arithmetic<S>;
  Op op;
  const S *saved, *dy;
  S* dx;
  double bytes_each() const { return 3 * sizeof(S); }
  ON_DEVICE void operator()(int64_t i) const { dx[i] = op.backward(R(saved[i]), R(dy[i])); }

  static constexpr int pack = pack_of<S>;
  bool packs() const { return all_aligned(saved, dy, dx); }
  ON_DEVICE void several(int64_t i) const {
    S kept[pack], gradient[pack], out[pack];
    read_pack(saved + i, kept);
    read_pack(dy + i, gradient);
    for (int k = 0; k < pack; ++k) out[k] = op.backward(R(kept[k]), R(gradient[k]));
    write_pack(out, dx + i);
  }
};

template <class Op>
Tensor backward_of(Op op, const Tensor& saved, const Tensor& dy_any) {
  const Tensor dy = dy_any.to(saved.layout());
  Tensor dx = Tensor::empty(saved.shape(), saved.options());
  with_stored(saved.dtype(), [&](auto kind) {
    using S = decltype(kind);
    for_each(saved.device(), saved.size(), Backward<S, Op>{op, saved.data<S>(), dy.data<S>(), dx.data<S>()});
  });
  return dx;
}

template <class Op>
Tensor unary(const char* name, const Tensor& x, Op op) {
  Tensor y = Tensor::empty(x.shape(), x.options());
  with_stored(x.dtype(), [&](auto kind) {
    using S = decltype(kind);
    for_each(x.device(), x.size(), Forward<S, Op>{op, x.data<S>(), y.data<S>()});
  });
  const Tensor saved = Op::from_output ? y.detach() : x.detach();
  return record(name, y, {x},
                [op, saved](const Tensor& dy, NeedsInputGrad&) -> Grads { return {backward_of(op, saved, dy)}; });
}

}  // namespace

/// If x is deferred, ReLU joins its affine map. The gradient of y may then arrive with the mask of ReLU applied
/// already. If it does not, because no convolution reads y, a GPU applies the mask in the same pass that forms the sums
/// for the batch norm before, which saves the start of a kernel. The CPU uses two passes, as it always did: its results
/// stay the same to the bit.
Tensor relu(const Tensor& x) {
  const ChannelAffine* affine = pending(x);
  if (!affine || affine->relu) return unary("relu", x, Relu{});
  ChannelAffine with_relu = *affine;
  with_relu.relu = true;
  const Tensor y = deferred(std::move(with_relu));
  return record("relu", y, {x}, [y = y.detach()](const Tensor& dy, NeedsInputGrad&) -> Grads {
    if (dy.state()->storage->fused_statistics.masked_by.lock() == y.state()->storage) return {dy};
    if (const Completion completion(y, {}); backend(y.device()).runs_behind() && completion.applies())
      return {complete_gradient(completion, dy.to(y.layout()))};
    return {backward_of(Relu{}, y, dy)};
  });
}

Tensor to_float(const Tensor& x) {
  if (arithmetic_of(x.dtype()) == x.dtype()) return x;
  return record("to_float", x.to(arithmetic_of(x.dtype())), {x},
                [type = x.dtype()](const Tensor& dy, NeedsInputGrad&) -> Grads { return {dy.to(type)}; });
}

Tensor sigmoid(const Tensor& x) { return unary("sigmoid", x, Sigmoid{}); }
Tensor softplus(const Tensor& x) { return unary("softplus", x, Softplus{}); }
Tensor exp(const Tensor& x) { return unary("exp", x, Exp{}); }
Tensor log(const Tensor& x) { return unary("log", x, Log{}); }
Tensor sqrt(const Tensor& x) { return unary("sqrt", x, Sqrt{}); }
Tensor abs(const Tensor& x) { return unary("abs", x, Abs{}); }
Tensor square(const Tensor& x) { return unary("square", x, Square{}); }
Tensor scale(const Tensor& x, double factor) { return unary("scale", x, Scale{factor}); }
Tensor add_scalar(const Tensor& x, double amount) { return unary("add_scalar", x, AddScalar{amount}); }
Tensor clamp_min(const Tensor& x, double least) { return unary("clamp_min", x, ClampMin{least}); }

}  // namespace mneme
