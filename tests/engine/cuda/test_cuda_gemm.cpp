#include <doctest/doctest.h>

#include <vector>

#include "engine/cuda/gemm.h"
#include "tests/support/tensors.h"

namespace mneme::cuda {
namespace {

/// The product that cuBLAS computes for this call, given that cuBLAS stores all matrices column by column.
std::vector<double> column_major_product(const Gemm& g, const std::vector<double>& first,
                                         const std::vector<double>& second) {
  std::vector<double> d(static_cast<size_t>(g.rows * g.columns));
  const auto at = [](const std::vector<double>& m, int64_t leading, bool transpose, int64_t row, int64_t column) {
    return m.at(static_cast<size_t>(transpose ? row * leading + column : column * leading + row));
  };
  for (int64_t i = 0; i < g.rows; ++i)
    for (int64_t j = 0; j < g.columns; ++j)
      for (int64_t l = 0; l < g.inner; ++l)
        d[static_cast<size_t>(j * g.rows + i)] += at(first, g.first_leading, g.transpose_first, i, l) *
                                                  at(second, g.second_leading, g.transpose_second, l, j);
  return d;
}

std::vector<double> counting(int64_t count, double from) {
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(from + static_cast<double>(i * i % 17));
  return values;
}

TEST_CASE("a row-major product in column-major words is the reference's product, transposed or not") {
  constexpr int64_t m = 3, n = 5, k = 4;
  const TensorOptions exact{Device::reference, DType::f64, Layout::plain};
  const std::vector<double> a = counting(m * k, 1), b = counting(k * n, -3);
  for (const bool ta : {false, true})
    for (const bool tb : {false, true}) {
      const Tensor left = Tensor::from(a, ta ? Shape{k, m} : Shape{m, k}, exact),
                   right = Tensor::from(b, tb ? Shape{n, k} : Shape{k, n}, exact);
      Tensor c = Tensor::empty({m, n}, exact);
      backend(Device::reference).matmul(left, ta, right, tb, c);
      CHECK(column_major_product(row_major_gemm(m, n, k, ta, tb), b, a) == c.values());
    }
}

}  // namespace
}  // namespace mneme::cuda
