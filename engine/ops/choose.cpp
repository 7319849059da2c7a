#include "engine/choose.h"

#include "engine/launch.h"
#include "engine/ops/inputs.h"

namespace mneme {
namespace {

template <class R>
struct TopColumns {
  const R* x;
  int32_t* columns;
  int64_t width, k;

  static constexpr int64_t none = -1, exhausted = -2;

  /// True if column j comes after column `last` in the order by size.
  ON_DEVICE bool follows(const R* row, int64_t j, int64_t last) const {
    return last == none || row[j] < row[last] || (row[j] == row[last] && j > last);
  }

  double bytes_each() const { return width * sizeof(R) + k * sizeof(int32_t); }
  ON_DEVICE void operator()(int64_t n) const {
    const R* row = x + n * width;
    int64_t last = none;
    for (int64_t i = 0; i < k; ++i) {
      int64_t best = none;
      for (int64_t j = 0; last != exhausted && j < width; ++j)
        if (row[j] == row[j] && follows(row, j, last) && (best < 0 || row[j] > row[best])) best = j;
      columns[n * k + i] = static_cast<int32_t>(best);
      last = best == none ? exhausted : best;
    }
  }
};

template <class R>
struct MarksBelow {
  const int32_t* labels;
  R* marks;
  int64_t limit;
  double bytes_each() const { return sizeof(int32_t) + sizeof(R); }
  ON_DEVICE void operator()(int64_t n) const { marks[n] = labels[n] < limit ? R(1) : R(0); }
};

template <class R>
struct OneHot {
  const int32_t* labels;
  R* y;
  int64_t first, columns;
  double bytes_each() const { return sizeof(R); }
  ON_DEVICE void operator()(int64_t i) const { y[i] = labels[i / columns] - first == i % columns ? R(1) : R(0); }
};

void check_labels(const char* name, const Tensor& labels) {
  MNEME_CHECK(labels.rank() == 1 && labels.dtype() == DType::i32, "{}: expected i32 labels (N), got {}", name,
              labels.shape().text());
}

}  // namespace

Tensor topk(const Tensor& x, int64_t k) {
  MNEME_CHECK(x.rank() == 2 && 0 <= k && k <= x.dim(1), "topk: there are no {} columns to choose in {}", k,
              x.shape().text());
  Tensor columns = Tensor::empty({x.dim(0), k}, {x.device(), DType::i32, Layout::plain});
  with_real(x.dtype(), [&](auto kind) {
    using R = decltype(kind);
    for_each(x.device(), x.dim(0), TopColumns<R>{x.data<R>(), columns.data<int32_t>(), x.dim(1), k});
  });
  return columns;
}

Tensor marks_below(const Tensor& labels, int64_t limit, TensorOptions tensor_options) {
  check_labels("marks_below", labels);
  Tensor marks = Tensor::empty({labels.dim(0), 1}, tensor_options);
  check_same_device("marks_below", labels, marks);
  with_real(tensor_options.dtype, [&](auto kind) {
    using R = decltype(kind);
    for_each(labels.device(), labels.dim(0), MarksBelow<R>{labels.data<int32_t>(), marks.data<R>(), limit});
  });
  return marks;
}

Tensor one_hot(const Tensor& labels, int64_t first, int64_t columns, TensorOptions tensor_options) {
  check_labels("one_hot", labels);
  Tensor y = Tensor::empty({labels.dim(0), columns}, tensor_options);
  check_same_device("one_hot", labels, y);
  with_real(tensor_options.dtype, [&](auto kind) {
    using R = decltype(kind);
    for_each(labels.device(), y.size(), OneHot<R>{labels.data<int32_t>(), y.data<R>(), first, columns});
  });
  return y;
}

}  // namespace mneme
