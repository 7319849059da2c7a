// Operations that move numbers without changing them. Each backward pass moves the gradients back.

#include <cmath>

#include "engine/launch.h"
#include "engine/ops.h"
#include "engine/ops/inputs.h"

namespace mneme {
namespace {

/// Copies a rectangle with rows of `width` elements. Its rows begin `from_pitch` and `to_pitch` elements apart.
template <class R>
struct CopyColumns {
  const R* from;
  R* to;
  int64_t width, from_pitch, to_pitch;
  double bytes_each() const { return 2 * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const {
    to[i / width * to_pitch + i % width] = from[i / width * from_pitch + i % width];
  }
};

void copy_columns(const Tensor& from, int64_t from_column, Tensor& to, int64_t to_column, int64_t width) {
  with_real(from.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(from.device(), from.dim(0) * width,
             CopyColumns<R>{from.data<R>() + from_column, to.data<R>() + to_column, width, from.dim(1), to.dim(1)});
  });
}

template <class R>
struct IndexSelect {
  const R* x;
  const int32_t* rows;
  R* y;
  int64_t width;
  int64_t height;
  double bytes_each() const { return 2 * sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const {
    const int32_t row = rows[i / width];
    y[i] = row >= 0 && row < height ? x[row * width + i % width] : R(NAN);
  }
};

/// The gradient of index_select. One worker does one column, so that rows selected several times add up in a fixed
/// order.
template <class R>
struct IndexAdd {
  const R* dy;
  const int32_t* rows;
  R* dx;
  int64_t taken, width, height;
  double bytes_each() const { return 3 * taken * sizeof(R); }
  ON_DEVICE void operator()(int64_t column) const {
    for (int64_t m = 0; m < taken; ++m)
      if (rows[m] >= 0 && rows[m] < height) dx[rows[m] * width + column] += dy[m * width + column];
  }
};

/// Selects `picks` columns of every row, for gather().
template <class R>
struct Gather {
  const R* x;
  const int32_t* columns;
  R* y;
  int64_t width, picks;
  double bytes_each() const { return 2 * sizeof(R) + sizeof(int32_t); }
  ON_DEVICE void operator()(int64_t i) const {
    const int32_t column = columns[i];
    y[i] = column >= 0 && column < width ? x[i / picks * width + column] : R(NAN);
  }
};

template <class R>
struct ScatterAdd {
  const R* dy;
  const int32_t* columns;
  R* dx;
  int64_t width, picks;
  double bytes_each() const { return sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const {
    R total = 0;
    for (int64_t p = i / width * picks; p < (i / width + 1) * picks; ++p)
      if (columns[p] == i % width) total += dy[p];
    dx[i] = total;
  }
};

}  // namespace

Tensor reshape(const Tensor& x, const Shape& shape) {
  MNEME_CHECK(shape.elements() == x.size(), "reshape: {} has {} elements, {} needs {}", x.shape().text(), x.size(),
              shape.text(), shape.elements());
  const Tensor y = x.to(Layout::plain).reshaped(shape);
  return record("reshape", y, {x}, [shape_x = x.shape()](const Tensor& dy, NeedsInputGrad&) -> Grads {
    return {dy.to(Layout::plain).reshaped(shape_x)};
  });
}

Tensor concat_columns(const std::vector<Tensor>& parts) {
  MNEME_CHECK(!parts.empty(), "concat_columns needs at least one part");
  int64_t width = 0;
  for (const Tensor& part : parts) {
    MNEME_CHECK(part.rank() == 2 && part.dim(0) == parts[0].dim(0), "concat_columns: {} does not stand beside {}",
                part.shape().text(), parts[0].shape().text());
    check_same_kind("concat_columns", parts[0], part);
    width += part.dim(1);
  }
  Tensor y = Tensor::empty({parts[0].dim(0), width}, parts[0].options());
  std::vector<int64_t> widths;
  int64_t at = 0;
  for (const Tensor& part : parts) {
    copy_columns(part, 0, y, at, part.dim(1));
    widths.push_back(part.dim(1));
    at += part.dim(1);
  }
  return record("concat_columns", y, parts, [widths](const Tensor& dy, NeedsInputGrad& needs_input_grad) -> Grads {
    Grads grads(widths.size());
    int64_t begin = 0;
    for (size_t i = 0; i < widths.size(); begin += widths[i++])
      if (needs_input_grad[i]) grads[i] = slice_columns(dy, begin, begin + widths[i]);
    return grads;
  });
}

Tensor slice_columns(const Tensor& x, int64_t begin, int64_t end) {
  MNEME_CHECK(x.rank() == 2 && 0 <= begin && begin <= end && end <= x.dim(1),
              "slice_columns: no columns {} to {} in {}", begin, end, x.shape().text());
  Tensor y = Tensor::empty({x.dim(0), end - begin}, x.options());
  copy_columns(x, begin, y, 0, end - begin);
  return record("slice_columns", y, {x}, [shape = x.shape(), begin](const Tensor& dy, NeedsInputGrad&) -> Grads {
    Tensor dx = Tensor::zeros(shape, dy.options());
    copy_columns(dy, 0, dx, begin, dy.dim(1));
    return {dx};
  });
}

Tensor index_select(const Tensor& x, const Tensor& rows) {
  MNEME_CHECK(x.rank() == 2 && rows.dtype() == DType::i32, "index_select: expected x (N, K) and i32 rows, got {}",
              x.shape().text());
  check_same_device("index_select", x, rows);
  Tensor y = Tensor::empty({rows.size(), x.dim(1)}, x.options());
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(x.device(), y.size(), IndexSelect<R>{x.data<R>(), rows.data<int32_t>(), y.data<R>(), x.dim(1), x.dim(0)});
  });
  return record("index_select", y, {x}, [rows, shape = x.shape()](const Tensor& dy, NeedsInputGrad&) -> Grads {
    Tensor dx = Tensor::zeros(shape, dy.options());
    with_real(dy.dtype(), [&](auto kind) {
      using R = decltype(kind);
      for_each(dy.device(), shape[1],
               IndexAdd<R>{dy.data<R>(), rows.data<int32_t>(), dx.data<R>(), rows.size(), shape[1], shape[0]});
    });
    return {dx};
  });
}

Tensor gather(const Tensor& x, const Tensor& columns) {
  MNEME_CHECK(x.rank() == 2 && columns.dtype() == DType::i32 && columns.rank() > 0 && columns.rank() <= 2 &&
                  columns.dim(0) == x.dim(0),
              "gather: expected x (N, K) and i32 columns (N) or (N, M), got {} and {}", x.shape().text(),
              columns.shape().text());
  check_same_device("gather", x, columns);
  const int64_t picks = columns.rank() == 2 ? columns.dim(1) : 1;
  Tensor y = Tensor::empty({x.dim(0), picks}, x.options());
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(x.device(), y.size(), Gather<R>{x.data<R>(), columns.data<int32_t>(), y.data<R>(), x.dim(1), picks});
  });
  return record("gather", y, {x}, [columns, picks, shape = x.shape()](const Tensor& dy, NeedsInputGrad&) -> Grads {
    Tensor dx = Tensor::empty(shape, dy.options());
    with_real(dy.dtype(), [&](auto kind) {
      using R = decltype(kind);
      for_each(dy.device(), dx.size(),
               ScatterAdd<R>{dy.data<R>(), columns.data<int32_t>(), dx.data<R>(), shape[1], picks});
    });
    return {dx};
  });
}

}  // namespace mneme
