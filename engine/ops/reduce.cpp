// Sums. Each is formed in double over fixed pieces, so that neither threads nor device change the order of additions.

#include "engine/launch.h"
#include "engine/ops.h"

namespace mneme {
namespace {

constexpr int64_t piece = 4096;

template <class R>
struct SumPieces {
  const R* x;
  double* pieces;
  int64_t n;
  ON_DEVICE void operator()(int64_t i) const {
    double total = 0;
    const int64_t end = (i + 1) * piece < n ? (i + 1) * piece : n;
    for (int64_t k = i * piece; k < end; ++k) total += static_cast<double>(x[k]);
    pieces[i] = total;
  }
};

template <class R>
struct SumOfPieces {
  const double* pieces;
  R* y;
  int64_t count;
  double factor;
  ON_DEVICE void operator()(int64_t) const {
    double total = 0;
    for (int64_t k = 0; k < count; ++k) total += pieces[k];
    *y = static_cast<R>(total * factor);
  }
};

/// Every element of the result adds up the elements of x that were repeated from it.
template <class R>
struct SumTo {
  const R* x;
  R* y;
  int rank = 0;
  int64_t kept[Shape::max_rank] = {}, gone[Shape::max_rank] = {}, stride[Shape::max_rank] = {};
  int64_t repeats = 1;

  ON_DEVICE void operator()(int64_t i) const {
    int64_t base = 0, rest = i;
    for (int d = rank - 1; d >= 0; --d) {
      base += rest % kept[d] * stride[d];
      rest /= kept[d];
    }
    double total = 0;
    for (int64_t r = 0; r < repeats; ++r) {
      int64_t at = base, left = r;
      for (int d = rank - 1; d >= 0; --d) {
        at += left % gone[d] * stride[d];
        left /= gone[d];
      }
      total += static_cast<double>(x[at]);
    }
    y[i] = static_cast<R>(total);
  }
};

/// How often a scalar's gradient is repeated, and what by: the backward of sum and mean.
template <class R>
struct Repeat {
  const R* dy;
  R* dx;
  double factor;
  ON_DEVICE void operator()(int64_t i) const { dx[i] = static_cast<R>(factor * static_cast<double>(*dy)); }
};

Tensor scaled_sum(const char* name, const Tensor& x, double factor) {
  const int64_t count = (x.size() + piece - 1) / piece;
  Like like = x.like();
  like.layout = Layout::plain;
  Tensor y = Tensor::empty({}, like);
  const Buffer pieces(x.device(), static_cast<size_t>(count) * sizeof(double));
  auto* partial = reinterpret_cast<double*>(pieces.data());
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(x.device(), count, SumPieces<R>{x.data<R>(), partial, x.size()});
    for_each(x.device(), 1, SumOfPieces<R>{partial, y.data<R>(), count, factor});
  });
  return record(name, y, {x}, [shape = x.shape(), like = x.like(), factor](const Tensor& dy, Wanted&) -> Grads {
    Tensor dx = Tensor::empty(shape, like);
    with_real(like.dtype, [&](auto kind) {
      using R = decltype(kind);
      for_each(like.device, dx.size(), Repeat<R>{dy.data<R>(), dx.data<R>(), factor});
    });
    return {dx};
  });
}

}  // namespace

Tensor sum(const Tensor& x) { return scaled_sum("sum", x, 1.0); }
Tensor mean(const Tensor& x) {
  MNEME_CHECK(x.size() > 0, "the mean of no elements is undefined");
  return scaled_sum("mean", x, 1.0 / static_cast<double>(x.size()));
}

Tensor sum_to(const Tensor& x_any, const Shape& shape) {
  if (x_any.shape() == shape) return x_any;
  MNEME_CHECK(shape.rank() <= x_any.rank(), "sum_to: {} was not repeated from {}", x_any.shape().text(), shape.text());
  const Tensor x = x_any.to(Layout::plain);
  Tensor y = Tensor::empty(shape, x.like());
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    SumTo<R> sums{x.data<R>(), y.data<R>()};
    sums.rank = x.rank();
    int64_t stride = 1;
    for (int d = x.rank() - 1; d >= 0; --d) {
      const int from_front = d - (x.rank() - shape.rank());
      const int64_t target = from_front >= 0 ? shape[from_front] : 1;
      MNEME_CHECK(target == x.dim(d) || target == 1, "sum_to: {} was not repeated from {}", x.shape().text(),
                  shape.text());
      sums.kept[d] = target;
      sums.gone[d] = x.dim(d) / target;
      sums.stride[d] = stride;
      sums.repeats *= sums.gone[d];
      stride *= x.dim(d);
    }
    for_each(x.device(), y.size(), sums);
  });
  // The gradient of a sum is the gradient repeated: adding it to zeros of x's shape does just that.
  return record("sum_to", y, {x_any}, [shape_x = x.shape(), like = x.like()](const Tensor& dy, Wanted&) -> Grads {
    return {add(Tensor::zeros(shape_x, like), dy)};
  });
}

Tensor sum_last(const Tensor& x) {
  MNEME_CHECK(x.rank() > 0, "sum_last: a scalar has no last dimension");
  Shape shape = x.shape();
  shape.set(-1, 1);
  return sum_to(x, shape);
}

}  // namespace mneme
