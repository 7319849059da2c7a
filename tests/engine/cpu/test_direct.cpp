// Direct convolutions and matrix products of the CPU device, compared with the reference device.

#include <doctest/doctest.h>

#include "engine/cpu/direct.h"
#include "tests/engine/cpu/conv_cases.h"

namespace mneme::test {
namespace {

const std::vector<ConvShape> direct_shapes = {
    {4, 3, 12, 12, 16, 3, 3, 1, 1},  // the stem of a CIFAR ResNet
    {9, 16, 8, 8, 16, 3, 3, 1, 1},   // the last chunk is smaller than the others
    {5, 16, 9, 7, 32, 3, 3, 2, 1},   // stride 2, odd sizes
    {3, 32, 8, 8, 64, 1, 1, 2, 0},   // projection shortcut
    {2, 3, 23, 21, 32, 7, 7, 2, 3},  // ImageNet stem
    {1, 5, 7, 6, 3, 3, 3, 1, 1},     // no channel count fits a vector
    {6, 24, 5, 5, 40, 3, 3, 1, 0},   // channels divisible by 8 only, no padding
    {3, 16, 6, 6, 10, 3, 3, 1, 1},   // blocked in, plain out
    {70, 16, 4, 4, 16, 3, 3, 1, 1},  // more images than chunks of four
    {2, 128, 5, 5, 256, 3, 3, 1, 1},
};

ConvResults direct_results(const ConvShape& s, const ConvInputs& in, Layout x_layout, Layout y_layout) {
  const TensorOptions x_options{Device::cpu, DType::f32, x_layout}, y_options{Device::cpu, DType::f32, y_layout};
  const Tensor x = Tensor::from(in.x, in.x_shape, x_options), w = Tensor::from(in.w, in.w_shape, {}),
               dy = Tensor::from(in.dy, in.y_shape, y_options);
  Tensor y = Tensor::full(in.y_shape, NAN, y_options), dx = Tensor::full(in.x_shape, NAN, x_options),
         dw = Tensor::full(in.w_shape, NAN, {});
  direct::conv2d(s, x, w, y);
  direct::conv2d_dx(s, w, dy, dx);
  direct::conv2d_dw(s, x, dy, dw);
  return {y.values(), dx.values(), dw.values()};
}

std::vector<Layout> layouts_for(int64_t channels) {
  if (channels % block_lanes == 0) return {Layout::blocked, Layout::plain};
  return {Layout::plain};
}

TEST_CASE("direct convolution agrees with the reference in all three passes, whatever the layouts") {
  for (const ConvShape& s : direct_shapes) {
    const ConvInputs in(s);
    const ConvResults exact = reference_results(s, in, DType::f64);
    for (const Layout x : layouts_for(s.c))
      for (const Layout y : layouts_for(s.k)) {
        CAPTURE(text(s));
        CHECK(distance(direct_results(s, in, x, y), exact) < 1e-5);
      }
  }
}

TEST_CASE("direct convolution gives the same bits for 1, 2 and 4 threads") {
  for (const ConvShape& s : direct_shapes) {
    const ConvInputs in(s);
    const Layout x = layouts_for(s.c)[0], y = layouts_for(s.k)[0];
    const auto compute = [&] { return direct_results(s, in, x, y); };
    const ConvResults one = with_threads(1, compute);
    CAPTURE(text(s));
    CHECK((with_threads(2, compute) == one));
    CHECK((with_threads(4, compute) == one));
  }
}

struct Product {
  int64_t m, n, k;
  bool transpose_a, transpose_b;
};

std::vector<double> product(Device device, DType type, const Product& p) {
  const TensorOptions tensor_options{device, type, Layout::plain};
  const Shape a_shape = p.transpose_a ? Shape{p.k, p.m} : Shape{p.m, p.k},
              b_shape = p.transpose_b ? Shape{p.n, p.k} : Shape{p.k, p.n};
  const Tensor a = Tensor::from(normal_values(p.m * p.k, 1), a_shape, tensor_options),
               b = Tensor::from(normal_values(p.n * p.k, 2), b_shape, tensor_options);
  Tensor c = Tensor::full({p.m, p.n}, NAN, tensor_options);
  backend(device).matmul(a, p.transpose_a, b, p.transpose_b, c);
  return c.values();
}

TEST_CASE("matrix products agree with the reference and do not depend on the number of threads") {
  for (const Product& p :
       {Product{1, 1, 1, false, false}, Product{128, 100, 64, false, true}, Product{100, 64, 128, true, false},
        Product{37, 19, 700, false, false}, Product{200, 300, 90, true, true}, Product{33, 1, 5, false, true}}) {
    CAPTURE(p.m);
    const auto compute = [&] { return product(Device::cpu, DType::f32, p); };
    const std::vector<double> one = with_threads(1, compute);
    CHECK(distance(one, product(Device::reference, DType::f64, p)) < 1e-5);
    CHECK((with_threads(4, compute) == one));
  }
}

TEST_CASE("a sum over nothing is zero") {
  const Tensor a = Tensor::zeros({2, 0}, {}), b = Tensor::zeros({0, 3}, {});
  Tensor c = Tensor::full({2, 3}, 7, {});
  backend(Device::cpu).matmul(a, false, b, false, c);
  CHECK(c.values() == std::vector<double>(6, 0.0));
}

TEST_CASE("repeated convolutions ask the system for no more memory") {
  const ConvShape s{9, 16, 8, 8, 16, 3, 3, 1, 1};
  const ConvInputs in(s);
  (void)cpu_results(s, in);
  const uint64_t before = backend(Device::cpu).arena().use().system_requests;
  for (int i = 0; i < 5; ++i) (void)cpu_results(s, in);
  CHECK(backend(Device::cpu).arena().use().system_requests == before);
}

TEST_CASE("the CPU device refuses numbers that are not f32") {
  const ConvShape s{1, 1, 3, 3, 1, 3, 3, 1, 1};
  const Tensor x = Tensor::zeros({1, 1, 3, 3}, {Device::cpu, DType::u8, Layout::plain}),
               w = Tensor::zeros({1, 1, 3, 3}, {});
  Tensor y = Tensor::zeros({1, 1, 3, 3}, {});
  CHECK_THROWS_WITH_AS(backend(Device::cpu).conv2d(s, x, w, y),
                       "conv2d on the CPU device needs f32 tensors there, got cpu u8 and cpu f32", Error);
}

}  // namespace
}  // namespace mneme::test
