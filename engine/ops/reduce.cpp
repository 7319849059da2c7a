// Sums. A sum is formed in double over pieces of fixed length. The sums of the pieces are summed in the same way until
// one is left. So neither the number of threads nor the device changes the order of the additions.

#include <algorithm>

#include "engine/ops.h"
#include "engine/ops/rows.h"

namespace mneme {
namespace {

constexpr int64_t piece = 256;
int64_t pieces_of(int64_t n) { return std::max<int64_t>(1, (n + piece - 1) / piece); }

/// The sum of each piece of x, times `factor`.
template <class From, class To>
struct SumPieces {
  const From* x;
  To* sums;
  int64_t n;
  double factor;
  double bytes_each() const { return std::min(piece, n) * sizeof(From) + sizeof(To); }
  ON_DEVICE void operator()(int64_t i) const {
    double total = 0;
    const int64_t end = (i + 1) * piece < n ? (i + 1) * piece : n;
    for (int64_t k = i * piece; k < end; ++k) total += static_cast<double>(x[k]);
    sums[i] = static_cast<To>(total * factor);
  }
};

/// The numbers are summed over pieces, the sums of the pieces again over pieces, and so on, until there is one piece.
/// That one gives y = factor * sum. `levels` has room for the sums on all levels (see levels_of()).
template <class R, class From>
void sum_by_pieces(Device device, const From* x, int64_t n, double* levels, R* y, double factor) {
  const int64_t pieces = pieces_of(n);
  if (pieces == 1) return for_each(device, 1, SumPieces<From, R>{x, y, n, factor});
  for_each(device, pieces, SumPieces<From, double>{x, levels, n, 1});
  sum_by_pieces(device, levels, pieces, levels + pieces, y, factor);
}

/// The number of doubles that the sums of pieces take on all levels but the last.
int64_t levels_of(int64_t n) {
  const int64_t pieces = pieces_of(n);
  return pieces == 1 ? 0 : pieces + levels_of(pieces);
}

/// Every element of the result is the sum of the elements of x that were repeated from it.
template <class R>
struct SumTo {
  const R* x;
  R* y;
  int rank = 0;
  int64_t kept[Shape::max_rank] = {}, gone[Shape::max_rank] = {}, stride[Shape::max_rank] = {};
  int64_t repeats = 1;

  double bytes_each() const { return (repeats + 1) * sizeof(R); }
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

/// Where the results are the sums of the columns of a matrix (rows, C): they are the sums of the channels of an image
/// with a pixel for each row.
template <class R>
struct ColumnTerm {
  const R* x;
  double bytes_each() const { return sizeof(R); }
  ON_DEVICE void operator()(int64_t i, int64_t, double* term) const { term[0] = static_cast<double>(x[i]); }
};

template <class R>
struct StoreColumn {
  const double* sums;
  R* y;
  double bytes_each() const { return sizeof(double) + sizeof(R); }
  ON_DEVICE void operator()(int64_t column) const { y[column] = static_cast<R>(sums[column]); }
};

template <class R>
void sum_columns(const Tensor& x, const Tensor& y) {
  const Buffer sums(x.device(), static_cast<size_t>(y.size()) * sizeof(double));
  auto* const total = reinterpret_cast<double*>(sums.data());
  channel_sums<1, double>(x.device(), ImageView{1, 1, x.size() / y.size(), y.size()}, ColumnTerm<R>{x.data<R>()}, total,
                          StoreColumn<R>{total, y.data<R>()});
}

/// Where the results are the sums of the rows of a matrix.
template <class R>
struct RowTotal : RowSums<double> {
  static constexpr int stages = 1;
  const R* x;
  R* y;
  int64_t k;
  double bytes_each() const { return (k + 1) * sizeof(R); }
  ON_DEVICE double term(int, const double*, int64_t n, int64_t j) const { return static_cast<double>(x[n * k + j]); }
  ON_DEVICE void write(const double*, int64_t, int64_t) const {}
  ON_DEVICE void end(const double* found, int64_t n) const { y[n] = static_cast<R>(found[0]); }
};

template <class R>
void sum_rows(const Tensor& x, const Tensor& y) {
  const int64_t k = x.size() / y.size();
  for_each_row(x.device(), y.size(), k, RowTotal<R>{{}, x.data<R>(), y.data<R>(), k});
}

/// The backward pass of sum and mean: every element gets the scalar's gradient times `factor`.
template <class R>
struct Repeat {
  const R* dy;
  R* dx;
  double factor;
  double bytes_each() const { return sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const { dx[i] = static_cast<R>(factor * static_cast<double>(*dy)); }
};

Tensor scaled_sum(const char* name, const Tensor& x, double factor) {
  TensorOptions tensor_options = x.options();
  tensor_options.layout = Layout::plain;
  Tensor y = Tensor::empty({}, tensor_options);
  const Buffer levels(x.device(), static_cast<size_t>(levels_of(x.size())) * sizeof(double));
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    sum_by_pieces(x.device(), x.data<R>(), x.size(), reinterpret_cast<double*>(levels.data()), y.data<R>(), factor);
  });
  return record(name, y, {x},
                [shape = x.shape(), tensor_options = x.options(), factor](const Tensor& dy, NeedsInputGrad&) -> Grads {
                  Tensor dx = Tensor::empty(shape, tensor_options);
                  with_real(tensor_options.dtype, [&](auto kind) {
                    using R = decltype(kind);
                    for_each(tensor_options.device, dx.size(), Repeat<R>{dy.data<R>(), dx.data<R>(), factor});
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

namespace {

/// The shape that was repeated, with as many dimensions as x has.
Shape with_rank_of(const Shape& x, const Shape& shape) {
  MNEME_CHECK(shape.rank() <= x.rank(), "sum_to_size: {} was not repeated from {}", x.text(), shape.text());
  Shape whole;
  for (int d = 0; d < x.rank(); ++d) {
    const int from_front = d - (x.rank() - shape.rank());
    whole.append(from_front >= 0 ? shape[from_front] : 1);
    MNEME_CHECK(whole[d] == x[d] || whole[d] == 1, "sum_to_size: {} was not repeated from {}", x.text(), shape.text());
  }
  return whole;
}

template <class R>
void sum_all(const Tensor& x, const Shape& target, const Tensor& y) {
  SumTo<R> sums{x.data<R>(), y.data<R>()};
  sums.rank = x.rank();
  int64_t stride = 1;
  for (int d = x.rank() - 1; d >= 0; --d) {
    sums.kept[d] = target[d];
    sums.gone[d] = x.dim(d) / target[d];
    sums.stride[d] = stride;
    sums.repeats *= sums.gone[d];
    stride *= x.dim(d);
  }
  for_each(x.device(), y.size(), sums);
}

}  // namespace

Tensor sum_to_size(const Tensor& x_any, const Shape& shape) {
  if (x_any.shape() == shape) return x_any;
  const Shape target = with_rank_of(x_any.shape(), shape);
  if (shape.elements() == 1) return reshape(sum(x_any), shape);  // a single sum shall be spread over all threads
  const Tensor x = x_any.to(Layout::plain);
  Tensor y = Tensor::empty(shape, x.options());
  int same_before = 0, same_behind = 0;  // dimensions that were not repeated
  while (same_before < x.rank() && target[same_before] == x.dim(same_before)) ++same_before;
  while (same_behind < x.rank() && target[-1 - same_behind] == x.dim(-1 - same_behind)) ++same_behind;
  const auto repeated = [&](int from, int to) {
    while (from < to && target[from] == 1) ++from;
    return from == to;
  };
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    if (x.size() > 0 && repeated(0, x.rank() - same_behind)) return sum_columns<R>(x, y);
    if (x.size() > 0 && repeated(same_before, x.rank())) return sum_rows<R>(x, y);
    sum_all<R>(x, target, y);
  });
  // The gradient of every summand is dy. Adding dy to zeros of x's shape repeats it.
  return record("sum_to_size", y, {x_any},
                [shape_x = x.shape(), tensor_options = x.options()](const Tensor& dy, NeedsInputGrad&) -> Grads {
                  return {add(Tensor::zeros(shape_x, tensor_options), dy)};
                });
}

Tensor sum_last(const Tensor& x) {
  MNEME_CHECK(x.rank() > 0, "sum_last: a scalar has no last dimension");
  Shape shape = x.shape();
  shape.set(-1, 1);
  return sum_to_size(x, shape);
}

}  // namespace mneme
