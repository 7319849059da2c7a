#include "engine/choose.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops.h"
#include "tests/support/tensors.h"

namespace mneme::test {
namespace {

TEST_CASE("the largest columns come first, ties in the order of columns, on every device") {
  for (const Device device : devices()) {
    const Tensor x = Tensor::from(Values{1, 3, 2, 3, -1, -1, -1, -1}, {2, 4}, {device, DType::f32, Layout::plain});
    CHECK(topk(x, 3).ints() == std::vector<int>{1, 3, 2, 0, 1, 2});
    CHECK(topk(x, 1).ints() == std::vector<int>{1, 0});
    CHECK(topk(x, 4).ints() == std::vector<int>{1, 3, 2, 0, 0, 1, 2, 3});
    CHECK(topk(x, 0).size() == 0);
  }
}

TEST_CASE("what is no number is never among the largest, and a row with too few says so") {
  const Tensor x = f64({2, 3}, {NAN, 2, NAN, -INFINITY, NAN, 5});
  const Tensor columns = topk(x, 2);
  CHECK(columns.ints() == std::vector<int>{1, -1, 2, 0});
  CHECK(std::isnan(gather(x, columns).values()[1]));
}

TEST_CASE("more columns than there are cannot be chosen") {
  CHECK_THROWS_WITH_AS((void)topk(f64({1, 2}, {1, 2}), 3), "topk: there are no 3 columns to choose in (1, 2)", Error);
  CHECK_THROWS_AS((void)topk(row({1, 2}), -1), Error);
}

TEST_CASE("labels below a limit are marked, on every device") {
  for (const Device device : devices()) {
    const Tensor marks = marks_below(i32({3, 0, 2, 1, 2}, device), 2, {device, DType::f32, Layout::plain});
    CHECK(marks.shape() == Shape{5, 1});
    CHECK(marks.values() == Values{0, 1, 0, 1, 0});
  }
  CHECK_THROWS_AS((void)marks_below(row({1}), 2, f64_reference), Error);
}

TEST_CASE("a label is one-hot among columns that begin at a class of their own, on every device") {
  for (const Device device : devices()) {
    const Tensor y = one_hot(i32({3, 0, 4, 2}, device), 2, 2, {device, DType::f32, Layout::plain});
    CHECK(y.shape() == Shape{4, 2});
    CHECK(y.values() == Values{0, 1, 0, 0, 0, 0, 1, 0});
  }
  CHECK_THROWS_AS((void)one_hot(row({1}), 0, 2, f64_reference), Error);
}

}  // namespace
}  // namespace mneme::test
