// Element-wise operations of two inputs. Dimensions of size 1 are repeated where the other input is larger
// (broadcasting).

#include "engine/deferred.h"
#include "engine/launch.h"
#include "engine/ops.h"
#include "engine/ops/inputs.h"
#include "engine/ops/packs.h"

namespace mneme {
namespace {

// One line per formula:
// clang-format off

struct Add {
  template <class R> ON_DEVICE R forward(R a, R b) const { return a + b; }
  template <class R> ON_DEVICE R da(R, R, R dy) const { return dy; }
  template <class R> ON_DEVICE R db(R, R, R dy) const { return dy; }
};

struct Sub {
  template <class R> ON_DEVICE R forward(R a, R b) const { return a - b; }
  template <class R> ON_DEVICE R da(R, R, R dy) const { return dy; }
  template <class R> ON_DEVICE R db(R, R, R dy) const { return -dy; }
};

struct Mul {
  template <class R> ON_DEVICE R forward(R a, R b) const { return a * b; }
  template <class R> ON_DEVICE R da(R, R b, R dy) const { return dy * b; }
  template <class R> ON_DEVICE R db(R a, R, R dy) const { return dy * a; }
};

struct Div {
  template <class R> ON_DEVICE R forward(R a, R b) const { return a / b; }
  template <class R> ON_DEVICE R da(R, R b, R dy) const { return dy / b; }
  template <class R> ON_DEVICE R db(R a, R b, R dy) const { return -dy * a / (b * b); }
};

// clang-format on

/// Where element i of the result finds its two operands. Repeated dimensions have stride 0.
struct Places {
  bool same = false;  // equal shapes and layouts: element i of both operands belongs to element i
  int rank = 0;
  int64_t dims[Shape::max_rank] = {}, a_stride[Shape::max_rank] = {}, b_stride[Shape::max_rank] = {};

  ON_DEVICE void find(int64_t i, int64_t& a, int64_t& b) const {
    if (same) {
      a = b = i;
      return;
    }
    a = b = 0;
    for (int d = rank - 1; d >= 0; --d) {
      const int64_t at = i % dims[d];
      i /= dims[d];
      a += at * a_stride[d], b += at * b_stride[d];
    }
  }
};

int64_t dim_from_end(const Shape& shape, int from_end) {
  return from_end < shape.rank() ? shape[shape.rank() - 1 - from_end] : 1;
}

Shape joint_shape(const char* name, const Shape& a, const Shape& b) {
  Shape joint;
  for (int d = std::max(a.rank(), b.rank()) - 1; d >= 0; --d) {
    const int64_t x = dim_from_end(a, d), y = dim_from_end(b, d);
    MNEME_CHECK(x == y || x == 1 || y == 1, "{}: shapes {} and {} do not fit together", name, a.text(), b.text());
    joint.append(x == 1 ? y : x);
  }
  return joint;
}

void set_strides(const Shape& operand, const Shape& joint, int64_t* strides) {
  int64_t stride = 1;
  for (int d = 0; d < joint.rank(); ++d) {
    const int64_t size = dim_from_end(operand, d);
    strides[joint.rank() - 1 - d] = size == 1 ? 0 : stride;
    stride *= size;
  }
}

Places places_of(const Tensor& a, const Tensor& b, const Shape& joint) {
  Places places;
  places.same = a.shape() == joint && b.shape() == joint;
  places.rank = joint.rank();
  for (int d = 0; d < joint.rank(); ++d) places.dims[d] = joint[d];
  set_strides(a.shape(), joint, places.a_stride);
  set_strides(b.shape(), joint, places.b_stride);
  return places;
}

template <class S, class Op>
struct Forward {
  using R = Arithmetic<S>;
  Op op;
  Places places;
  const S *a, *b;
  S* y;
  double bytes_each() const { return 3 * sizeof(S); }
  ON_DEVICE void operator()(int64_t i) const {
    int64_t at_a, at_b;
    places.find(i, at_a, at_b);
    y[i] = op.forward(R(a[at_a]), R(b[at_b]));
  }
};

template <class S, class Op, bool First>
struct Backward {
  using R = Arithmetic<S>;
  Op op;
  Places places;
  const S *a, *b, *dy;
  S* dx;
  double bytes_each() const { return 4 * sizeof(S); }
  ON_DEVICE void operator()(int64_t i) const {
    int64_t at_a, at_b;
    places.find(i, at_a, at_b);
    dx[i] = First ? op.da(R(a[at_a]), R(b[at_b]), R(dy[i])) : op.db(R(a[at_a]), R(b[at_b]), R(dy[i]));
  }
};

template <bool First, class Op>
Tensor gradient(Op op, const Places& places, const Tensor& a, const Tensor& b, const Tensor& dy) {
  Tensor dx = Tensor::empty(dy.shape(), dy.options());
  with_stored(dy.dtype(), [&](auto kind) {
    using S = decltype(kind);
    for_each(dy.device(), dy.size(),
             Backward<S, Op, First>{op, places, a.data<S>(), b.data<S>(), dy.data<S>(), dx.data<S>()});
  });
  return sum_to_size(dx, First ? a.shape() : b.shape());
}

/// Both operands are brought to this layout: that of the first if the shapes are equal, plain if elements are repeated.
Layout common_layout(const Tensor& a, const Tensor& b) { return a.shape() == b.shape() ? a.layout() : Layout::plain; }

template <class Op>
Tensor binary(const char* name, const Tensor& a_any, const Tensor& b_any, Op op) {
  check_same_kind(name, a_any, b_any);
  const Layout layout = common_layout(a_any, b_any);
  const Tensor a = a_any.to(layout), b = b_any.to(layout);
  const Shape joint = joint_shape(name, a.shape(), b.shape());
  const Places places = places_of(a, b, joint);
  Tensor y = Tensor::empty(joint, {a.device(), a.dtype(), layout});
  with_stored(a.dtype(), [&](auto kind) {
    using S = decltype(kind);
    for_each(a.device(), y.size(), Forward<S, Op>{op, places, a.data<S>(), b.data<S>(), y.data<S>()});
  });
  return record(name, y, {a_any, b_any},
                [op, places, a, b, layout](const Tensor& dy_any, NeedsInputGrad& needs_input_grad) -> Grads {
                  const Tensor dy = dy_any.to(layout);
                  return {needs_input_grad[0] ? gradient<true>(op, places, a, b, dy) : Tensor{},
                          needs_input_grad[1] ? gradient<false>(op, places, a, b, dy) : Tensor{}};
                });
}

template <class A, class B>
struct AddInPlace {
  using R = Arithmetic<A>;
  A* a;
  const B* b;
  double bytes_each() const { return 2 * sizeof(A) + sizeof(B); }
  ON_DEVICE void operator()(int64_t i) const { a[i] = R(a[i]) + R(b[i]); }

  static constexpr int pack = pack_of<B>;
  bool packs() const { return all_aligned(a, b); }
  ON_DEVICE void several(int64_t i) const {
    A sum[pack];
    B more[pack];
    read_pack(a + i, sum);
    read_pack(b + i, more);
    for (int k = 0; k < pack; ++k) sum[k] = R(sum[k]) + R(more[k]);
    write_pack(sum, a + i);
  }
};

/// As AddInPlace, for images in different layouts.
template <class A, class B>
struct AddAcrossLayouts {
  using R = Arithmetic<A>;
  A* a;
  const B* b;
  ImageView view_a, view_b;
  double bytes_each() const { return 2 * sizeof(A) + sizeof(B); }
  ON_DEVICE void operator()(int64_t i) const {
    const int64_t p = i % view_a.pixels, c = i / view_a.pixels % view_a.channels(),
                  n = i / view_a.pixels / view_a.channels();
    A& sum = a[image_index(view_a, n, c, p)];
    sum = R(sum) + R(b[image_index(view_b, n, c, p)]);
  }
};

template <class A, class B>
void add_numbers(const Tensor& a, const Tensor& b) {
  if (a.layout() == b.layout())
    for_each(a.device(), a.size(), AddInPlace<A, B>{a.data<A>(), b.data<B>()});
  else
    for_each(a.device(), a.size(), AddAcrossLayouts<A, B>{a.data<A>(), b.data<B>(), image_view(a), image_view(b)});
}

/// Coefficients of a x + c and of a2 x2 + c2 as those of their sum.
template <class R>
struct JoinCoefficients {
  const R *first, *second;
  R* joined;
  int64_t channels;
  double bytes_each() const { return 7 * sizeof(R); }
  ON_DEVICE void operator()(int64_t ch) const {
    joined[ch] = first[ch];
    joined[channels + ch] = second[ch];
    joined[2 * channels + ch] = first[2 * channels + ch] + second[2 * channels + ch];
  }
};

/// The affine map of `a` if it has room for a second summand; otherwise null.
const ChannelAffine* open_affine(const Tensor& a) {
  const ChannelAffine* affine = pending(a);
  return affine && !affine->relu && !affine->x2 ? affine : nullptr;
}

/// The sum a + b, deferred, where `a` is deferred already (Note [Deferred]).
Tensor add_to_affine(const ChannelAffine& a, const Tensor& b_any) {
  const ChannelAffine* other = open_affine(b_any);
  if (!other) return deferred(ChannelAffine{a.x, b_any.to(a.x.layout()), a.coefficients});
  ChannelAffine joined{a.x, other->x, Tensor::empty(a.coefficients.shape(), a.coefficients.options())};
  with_real(a.coefficients.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(a.x.device(), a.x.dim(1),
             JoinCoefficients<R>{a.coefficients.data<R>(), other->coefficients.data<R>(), joined.coefficients.data<R>(),
                                 a.x.dim(1)});
  });
  return deferred(std::move(joined));
}

Tensor sum_without_gradient(const Tensor& a, const Tensor& b) {
  if (a.shape() == b.shape()) {
    if (const ChannelAffine* affine = open_affine(a)) return add_to_affine(*affine, b);
    if (const ChannelAffine* affine = open_affine(b)) return add_to_affine(*affine, a);
  }
  NoGrad numbers_only;
  return binary("add", a, b, Add{});
}

}  // namespace

/// A sum passes its gradient on, summed over repeated elements, and needs neither operand for it. So it is not built
/// like the other three.
Tensor add(const Tensor& a, const Tensor& b) {
  check_same_kind("add", a, b);
  const Tensor y = sum_without_gradient(a, b);
  if (a.shape() == b.shape())
    return record("add", y, {a, b}, [](const Tensor& dy, NeedsInputGrad&) -> Grads { return {dy, dy}; });
  return record("add", y, {a, b},
                [of_a = a.shape(), of_b = b.shape()](const Tensor& dy_any, NeedsInputGrad& needs_input_grad) -> Grads {
                  const Tensor dy = dy_any.to(Layout::plain);
                  return {needs_input_grad[0] ? sum_to_size(dy, of_a) : Tensor{},
                          needs_input_grad[1] ? sum_to_size(dy, of_b) : Tensor{}};
                });
}

Tensor sub(const Tensor& a, const Tensor& b) { return binary("sub", a, b, Sub{}); }
Tensor mul(const Tensor& a, const Tensor& b) { return binary("mul", a, b, Mul{}); }
Tensor div(const Tensor& a, const Tensor& b) { return binary("div", a, b, Div{}); }

void add_in_place(const Tensor& a, const Tensor& b) {
  MNEME_CHECK(a.shape() == b.shape(), "add_in_place: {} and {} differ", a.shape().text(), b.shape().text());
  const bool wider = a.dtype() == arithmetic_of(b.dtype());
  check_mixable("add_in_place", a, b, a.device() == b.device() && (wider || a.dtype() == b.dtype()));
  with_stored(b.dtype(), [&](auto kind) {
    using S = decltype(kind);
    a.dtype() == b.dtype() ? add_numbers<S, S>(a, b) : add_numbers<Arithmetic<S>, S>(a, b);
  });
}

}  // namespace mneme
