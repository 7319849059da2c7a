#include "engine/tensor.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "tests/support/tensors.h"

namespace mneme::test {
namespace {

Values counted(int64_t count) {
  Values values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 0.0);
  return values;
}

TEST_CASE("values come back in N, C, H, W order from every device, type and layout") {
  const Shape shape{2, 32, 3, 2};
  const Values values = counted(shape.elements());
  for (const Device device : devices())
    for (const Layout layout : {Layout::plain, Layout::blocked, Layout::channels_last}) {
      const Tensor x = Tensor::from(values, shape, {device, DType::f32, layout});
      CHECK(x.layout() == layout);
      CHECK(x.values() == values);
      for (const Layout other : {Layout::plain, Layout::blocked, Layout::channels_last}) {
        CHECK(x.to(other).layout() == other);
        CHECK(x.to(other).values() == values);
      }
    }
  CHECK(Tensor::from(values, shape, f64_reference).values() == values);
}

TEST_CASE("layouts put element (n, c, h, w) where the note says") {
  const Tensor plain = Tensor::from(counted(2 * 32 * 6), {2, 32, 3, 2}, {Device::reference});
  const int64_t n = 1, c = 19, p = 5, pixels = 6;
  const float expected = plain.data<float>()[(n * 32 + c) * pixels + p];
  CHECK(plain.to(Layout::blocked).data<float>()[((n * 2 + 1) * pixels + p) * 16 + 3] == expected);
  CHECK(plain.to(Layout::channels_last).data<float>()[(n * pixels + p) * 32 + c] == expected);
}

TEST_CASE("only images have layouts, and blocks need sixteen channels") {
  CHECK(Tensor::zeros({3, 16}, {Device::reference, DType::f32, Layout::blocked}).layout() == Layout::plain);
  CHECK_THROWS_WITH_AS(Tensor::zeros({1, 20, 2, 2}, {Device::reference, DType::f32, Layout::blocked}),
                       "the blocked layout needs channels divisible by 16, got (1, 20, 2, 2)", Error);
}

TEST_CASE("a handle shares its numbers, a clone does not, a view is a window") {
  const Tensor x = f64({4}, {1, 2, 3, 4});
  const Tensor same = x, copy = x.clone(), window = Tensor::view(x, 1, {2}), inner = Tensor::view(window, 1, {1});
  x.data<double>()[2] = 30;
  CHECK(same.values()[2] == 30);
  CHECK(x.detach().values()[2] == 30);
  CHECK(copy.values()[2] == 3);
  CHECK(window.values() == Values{2, 30});
  CHECK(inner.item() == 30);
  CHECK_THROWS_WITH_AS(Tensor::view(x, 3, {2}), "Tensor::view: (2) at 3 does not fit into (4)", Error);
}

TEST_CASE("a view keeps its block's memory alive") {
  const size_t before = backend(Device::reference).arena().use().live;
  Tensor block = f64({8}, counted(8));
  Tensor window = Tensor::view(block, 6, {2});
  block = {};
  CHECK(window.values() == Values{6, 7});
  window = {};
  CHECK(backend(Device::reference).arena().use().live == before);
}

TEST_CASE("copy_from takes numbers from any device, type and layout, into views too") {
  for (const Device device : devices()) {
    const Tensor block = Tensor::zeros({40}, {device});
    Tensor target = Tensor::view(block, 4, {1, 16, 2, 1});
    target.copy_from(Tensor::from(counted(32), {1, 16, 2, 1}, {Device::reference, DType::f64, Layout::blocked}));
    CHECK(target.values() == counted(32));
    CHECK(block.values()[3] == 0);
    CHECK(block.values()[36] == 0);
    CHECK_THROWS_WITH_AS(target.copy_from(block), "copy_from: (1, 16, 2, 1) cannot take the values of (40)", Error);
  }
}

TEST_CASE("types convert by value") {
  const Tensor x = f64({3}, {1.0 / 3, -2.75, 1e9});
  CHECK(x.to(DType::f32).to(DType::f64).values()[0] == static_cast<double>(static_cast<float>(1.0 / 3)));
  CHECK(x.to(DType::i32).ints() == std::vector<int>{0, -2, 1000000000});
  CHECK(Tensor::from(std::vector<int>{7, 255}, {2}, Device::reference).to(DType::u8).to(DType::f32).values() ==
        Values{7, 255});
}

TEST_CASE("what cannot be a tensor is refused in a sentence") {
  CHECK_THROWS_WITH_AS(Tensor::zeros({1}, {Device::cpu, DType::f64}),
                       "f64 tensors live on the reference device only, not on cpu", Error);
  CHECK_THROWS_WITH_AS(f64({2, 2}, {1, 2, 3}), "Tensor::from: shape (2, 2) needs 4 values, got 3", Error);
  CHECK_THROWS_WITH_AS((void)f64({2}, {1, 2}).item(), "item() needs a tensor of one element, got (2)", Error);
  CHECK_THROWS_WITH_AS((void)Tensor().shape(), "an undefined tensor has no shape", Error);
  CHECK_THROWS_WITH_AS((Shape{1, -2}), "a dimension cannot be negative, got -2", Error);
  CHECK_THROWS_WITH_AS((Shape{1, 2, 3, 4, 5, 6}), "a tensor has at most 5 dimensions", Error);
  CHECK_THROWS_WITH_AS((void)f64({2}, {1, 2}).reshaped({3}), "cannot see (2) as (3)", Error);
}

TEST_CASE("poisoned tensors start as NaN, others may start as anything") {
  poison_new_tensors(true);
  const Tensor x = Tensor::empty({3}, f64_reference);
  poison_new_tensors(false);
  for (const double v : x.values()) CHECK(std::isnan(v));
}

TEST_CASE("tensors without elements are tensors") {
  for (const Device device : devices()) {
    const Tensor x = Tensor::zeros({0, 3}, {device});
    CHECK(x.size() == 0);
    CHECK(x.values().empty());
    CHECK(x.clone().to(DType::i32).size() == 0);
  }
}

}  // namespace
}  // namespace mneme::test
