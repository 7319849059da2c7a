// The GPU compared with the reference device, beyond what the table of operations tests; and the messages on a machine
// without a GPU.

#include <doctest/doctest.h>

#include "engine/cuda/device.h"
#include "engine/ops.h"
#include "engine/precision.h"
#include "tests/engine/cpu/conv_cases.h"
#include "tests/support/gpu.h"
#include "tests/support/switched.h"

namespace mneme::test {
namespace {

struct Chosen {
  explicit Chosen(Precision wanted, bool repeatable = false)
      : precise(set_precision, wanted, precision()),
        deterministic(set_deterministic, repeatable, mneme::deterministic()) {}
  Switched<Precision> precise;
  Switched<bool> deterministic;
};

TensorOptions on_gpu(int64_t channels) {
  return {Device::cuda, DType::f32, backend(Device::cuda).feature_layout(channels)};
}
ConvResults gpu_results(const ConvShape& s, const ConvInputs& in) { return results(s, in, on_gpu(s.c), on_gpu(s.k)); }

/// The shapes of ResNet-32 and ResNet-18 with few images, and some of odd sizes.
const ConvShape shapes[] = {
    {4, 3, 32, 32, 16, 3, 3, 1, 1},  {4, 16, 32, 32, 16, 3, 3, 1, 1}, {4, 16, 32, 32, 32, 3, 3, 2, 1},
    {4, 16, 32, 32, 32, 1, 1, 2, 0}, {4, 64, 8, 8, 64, 3, 3, 1, 1},   {2, 3, 56, 56, 64, 7, 7, 2, 3},
    {3, 5, 9, 7, 10, 3, 3, 1, 1},    {2, 8, 5, 5, 3, 3, 3, 2, 0},
};

TEST_CASE("without a usable GPU, asking for one fails with the reason") {
  if (device_available(Device::cuda)) return;
  const std::string reason = cuda_unavailable_because();
  CHECK_FALSE(reason.empty());
  CHECK_THROWS_WITH_AS((void)backend(Device::cuda), ("--device cuda: " + reason).c_str(), Error);
  CHECK_THROWS_AS((void)Tensor::zeros({2}, {Device::cuda}), Error);
}

TEST_CASE("numbers survive the way to the GPU and back, at sizes around the staging blocks'") {
  if (!gpu_here()) return;
  for (const int64_t count : {1, 262143, 262144, 262145, 5000000}) {
    std::vector<float> values(static_cast<size_t>(count));
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 8191);
    const Tensor there = Tensor::from(values, {count}, {Device::cuda});
    CHECK(there.floats() == values);
    CHECK(there.clone().floats() == values);
  }
}

TEST_CASE("fp32 convolutions on the GPU keep five digits of the exact ones, in all three passes") {
  if (!gpu_here()) return;
  const Chosen choice(Precision::fp32);
  for (const ConvShape& s : shapes) {
    const ConvInputs in(s);
    CHECK_MESSAGE(distance(gpu_results(s, in), reference_results(s, in, DType::f64)) < 1e-5, text(s));
  }
}

TEST_CASE("tf32 convolutions keep the two to three digits that ten bits of fraction hold") {
  if (!gpu_here()) return;
  const Chosen choice(Precision::tf32);
  for (const ConvShape& s : shapes) {
    const ConvInputs in(s);
    CHECK_MESSAGE(distance(gpu_results(s, in), reference_results(s, in, DType::f64)) < 3e-3, text(s));
  }
}

TEST_CASE("bf16 convolutions are right to the two digits that seven bits of fraction hold") {
  if (!gpu_here()) return;
  const Chosen choice(Precision::bf16);
  for (const ConvShape& s : shapes) {
    const ConvInputs in(s);
    const ConvResults exact = reference_results(s, in, DType::f64);
    TensorOptions x = on_gpu(s.c), y = on_gpu(s.k);
    x.dtype = y.dtype = DType::bf16;
    CHECK_MESSAGE(distance(results(s, in, x, y), exact) < 2e-2, text(s));
  }
}

TEST_CASE("deterministic convolutions repeat to the bit") {
  if (!gpu_here()) return;
  const Chosen choice(Precision::tf32, true);
  for (const ConvShape& s : shapes) {
    const ConvInputs in(s);
    const ConvResults first = gpu_results(s, in), second = gpu_results(s, in);
    CHECK_MESSAGE((first.y == second.y && first.dx == second.dx && first.dw == second.dw), text(s));
  }
}

TEST_CASE("weights and their gradients may lie anywhere in a block, aligned or not") {
  if (!gpu_here()) return;
  const Chosen choice(Precision::fp32);
  for (const ConvShape& s : {shapes[1], shapes[6]}) {
    const ConvInputs in(s);
    const ConvResults expected = reference_results(s, in, DType::f64);
    const Tensor x = Tensor::from(in.x, in.x_shape, on_gpu(s.c)), dy = Tensor::from(in.dy, in.y_shape, on_gpu(s.k));
    const int64_t count = in.w_shape.elements();
    const Tensor block = Tensor::zeros({2 * count + 3}, {Device::cuda});
    Tensor w = Tensor::view(block, 1, in.w_shape), dw = Tensor::view(block, count + 2, in.w_shape);
    w.copy_from(Tensor::from(in.w, in.w_shape, {Device::cuda}));
    Tensor y = Tensor::empty(in.y_shape, on_gpu(s.k));
    backend(Device::cuda).conv2d(s, x, w, y);
    backend(Device::cuda).conv2d_dw(s, x, dy, dw);
    CHECK(distance(y.values(), expected.y) < 1e-5);
    CHECK(distance(dw.values(), expected.dw) < 1e-5);
    const std::vector<double> all = block.values();
    CHECK((all.front() == 0 && all[static_cast<size_t>(count + 1)] == 0 && all.back() == 0));
  }
}

TEST_CASE("batch norm over many images gives the exact numbers, which need sums over several blocks") {
  if (!gpu_here()) return;
  for (const int64_t channels : {12, 64}) {
    const Shape shape{32, channels, 24, 24};
    const std::vector<float> values = normal_values(shape.elements(), 5), gradient = normal_values(shape.elements(), 6);
    std::vector<std::vector<double>> found;
    for (const Device device : {Device::reference, Device::cuda}) {
      const DType type = device == Device::reference ? DType::f64 : DType::f32;
      const TensorOptions tensor_options{device, type, backend(device).feature_layout(channels)}, row{device, type};
      BatchNormStatistics running{Tensor::zeros({channels}, row), Tensor::full({channels}, 1, row)};
      Tensor x = Tensor::from(values, shape, tensor_options).requires_grad(),
             gamma = Tensor::full({channels}, 1.5, row).requires_grad(),
             beta = Tensor::full({channels}, -0.5, row).requires_grad();
      const Tensor y = batch_norm(x, gamma, beta, running, {});
      backward(y, Tensor::from(gradient, shape, tensor_options));
      for (const Tensor& t : {y, x.grad(), gamma.grad(), beta.grad(), running.mean, running.variance})
        found.push_back(t.values());
    }
    for (size_t i = 0; i < 6; ++i) CHECK(distance(found[i + 6], found[i]) < 2e-6);
  }
}

TEST_CASE("rows longer than a warp, and columns longer than a block, give the exact numbers and gradients") {
  if (!gpu_here()) return;
  const Shape shape{300, 1001};
  const std::vector<float> values = normal_values(shape.elements(), 7), gradient = normal_values(shape.elements(), 8);
  std::vector<int> classes;
  for (int i = 0; i < 300; ++i) classes.push_back(i * 7 % 1001);
  std::vector<std::vector<double>> found;
  for (const Device device : {Device::reference, Device::cuda}) {
    const TensorOptions options{device, device == Device::reference ? DType::f64 : DType::f32};
    const Tensor dy = Tensor::from(gradient, shape, options), labels = Tensor::from(classes, {300}, device);
    const auto note = [&](auto operation) {
      Tensor x = Tensor::from(values, shape, options).requires_grad();
      const Tensor y = operation(x);
      backward(y, Tensor::view(dy, 0, y.shape()));
      found.push_back(y.values());
      found.push_back(x.grad().values());
    };
    note([](const Tensor& x) { return softmax(x); });
    note([](const Tensor& x) { return log_softmax(x); });
    note([](const Tensor& x) { return normalize_rows(x); });
    note([&](const Tensor& x) { return softmax_cross_entropy(x, labels); });
    note([](const Tensor& x) { return sum_to_size(x, {1001}); });
    note([](const Tensor& x) { return sum_last(x); });
  }
  for (size_t i = 0; i < found.size() / 2; ++i) CHECK(distance(found[i + found.size() / 2], found[i]) < 3e-6);
}

TEST_CASE("more memory than the GPU has is refused with the device's name and the size") {
  if (!gpu_here()) return;
  try {
    (void)Tensor::empty({int64_t{1} << 48}, {Device::cuda});
    FAIL("a petabyte was given");
  } catch (const Error& error) {
    const std::string text = error.what();
    CHECK(text.find("out of memory on cuda (") == 0);
    CHECK(text.find("MiB asked for") != std::string::npos);
  }
  CHECK(Tensor::full({3}, 2, {Device::cuda}).floats() == std::vector<float>(3, 2));  // the device still works
}

TEST_CASE("a GPU describes itself with its name, its libraries and the precision in use") {
  if (!gpu_here()) return;
  const Chosen choice(Precision::tf32, true);
  const std::string text = backend(Device::cuda).describe();
  CHECK(text.find("compute capability") != std::string::npos);
  CHECK(text.find("convolutions in tf32, deterministic") != std::string::npos);
}

}  // namespace
}  // namespace mneme::test
