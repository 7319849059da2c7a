// Every layer shape of ResNet-32 for CIFAR, and the kinds of layers that larger networks also have: the f32 devices
// compared with the reference device in double precision, in the forward pass, the data gradient and the weight
// gradient. There are five images, so that chunks of four images do not divide them.

#include <doctest/doctest.h>

#include "engine/ops.h"
#include "tests/support/op_checks.h"

namespace mneme::test {
namespace {

using In = const std::vector<Tensor>&;

constexpr int64_t images = 5;
constexpr double promised = 1e-4;

OpRow convolution(const char* name, int64_t in, int64_t out, int64_t side, int64_t kernel, int64_t stride,
                  int64_t count = images) {
  const ConvOptions options{stride, kernel / 2};
  return {name,
          {image({count, in, side, side}), numbers({out, in, kernel, kernel})},
          [=](In t) { return conv2d(t[0], t[1], options); },
          promised,
          false};
}

OpRow normalisation(const char* name, int64_t channels, int64_t side, bool training) {
  const Shape c{channels};
  return {name,
          {image({images, channels, side, side}), numbers(c, Draw::positive), numbers(c), constant(numbers(c)),
           constant(numbers(c, Draw::positive))},
          [training](In t) {
            BatchNormStatistics running{t[3].clone(), t[4].clone()};
            return batch_norm(t[0], t[1], t[2], running, {.training = training});
          },
          promised};
}

const std::vector<OpRow> layers = {
    convolution("conv1: 3 to 16, 32x32", 3, 16, 32, 3, 1),
    convolution("layer1: 16 to 16, 32x32", 16, 16, 32, 3, 1),
    convolution("layer2.0.conv1: 16 to 32, stride 2", 16, 32, 32, 3, 2),
    convolution("layer2.0.downsample.0: 16 to 32, 1x1, stride 2", 16, 32, 32, 1, 2),
    convolution("layer2: 32 to 32, 16x16", 32, 32, 16, 3, 1),
    convolution("layer3.0.conv1: 32 to 64, stride 2", 32, 64, 16, 3, 2),
    convolution("layer3.0.downsample.0: 32 to 64, 1x1, stride 2", 32, 64, 16, 1, 2),
    convolution("layer3: 64 to 64, 8x8", 64, 64, 8, 3, 1),
    convolution("ResNet-18 conv1: 3 to 64, 7x7, stride 2", 3, 64, 45, 7, 2, 2),
    convolution("ResNet-18 layer1: 64 to 64, 28x28", 64, 64, 28, 3, 1, 1),
    convolution("ResNet-18 layer4.0.conv1: 256 to 512, stride 2", 256, 512, 7, 3, 2, 1),
    convolution("ResNet-18 layer4: 512 to 512, 7x7", 512, 512, 7, 3, 1, 1),
    convolution("ResNet-50 layer2.0.conv3: 128 to 512, 1x1", 128, 512, 14, 1, 1, 1),
    convolution("ResNet-50 layer3.0.downsample.0: 512 to 1024, 1x1, stride 2", 512, 1024, 7, 1, 2, 1),
    normalisation("bn of 16, 32x32", 16, 32, true),
    normalisation("bn of 32, 16x16", 32, 16, true),
    normalisation("bn of 64, 8x8", 64, 8, true),
    normalisation("bn of 64, 8x8, inference", 64, 8, false),
    {"relu", {image({images, 16, 32, 32}, Draw::off_zero)}, [](In t) { return relu(t[0]); }, promised},
    {"add", {image({images, 32, 16, 16}), image({images, 32, 16, 16})}, [](In t) { return add(t[0], t[1]); }, promised},
    {"ResNet-18 maxpool",
     {image({images, 64, 15, 14}, Draw::distinct)},
     [](In t) { return max_pool(t[0], {.window = 3, .stride = 2, .pad = 1}); },
     promised},
    {"zero-pad shortcut",
     {image({images, 16, 32, 32})},
     [](In t) { return subsample_pad_channels(t[0], 2, 32); },
     promised},
    {"global average", {image({images, 64, 8, 8})}, [](In t) { return global_average_pool(t[0]); }, promised},
    {"head: 64 to 100",
     {numbers({images, 64}), numbers({100, 64}), numbers({100})},
     [](In t) { return linear(t[0], t[1], t[2]); },
     promised},
    {"loss over 100 classes",
     {numbers({images, 100}), indices({0, 99, 50, 7, 7})},
     [](In t) { return softmax_cross_entropy(t[0], t[1]); },
     promised},
};

/// The largest difference, relative to the largest number: it shows how near a layer is to the tolerance.
double worst(const std::vector<double>& got, const std::vector<double>& expected) {
  double difference = 0, largest = 0;
  for (size_t k = 0; k < expected.size(); ++k) {
    difference = std::max(difference, std::abs(got[k] - expected[k]));
    largest = std::max(largest, std::abs(expected[k]));
  }
  return largest > 0 ? difference / largest : difference;
}

TEST_CASE("every layer of ResNet-32 is within one part in ten thousand of the reference, forward and backward") {
  for (const Device device : {Device::cpu, Device::cuda}) {
    if (!device_available(device)) continue;
    double most = 0;
    for (const OpRow& layer : layers) {
      const Results expected = run(layer, exact), got = run(layer, {device, DType::f32});
      const std::string fault = difference(got, expected, promised);
      CHECK_MESSAGE(fault.empty(), named(layer, {device, DType::f32}, fault));
      most = std::max(most, worst(got.y, expected.y));
      for (size_t i = 0; i < expected.gradients.size(); ++i)
        most = std::max(most, worst(got.gradients[i], expected.gradients[i]));
    }
    MESSAGE(std::string(name_of(device)), ": largest relative distance over all layers ", most);
  }
}

TEST_CASE("no layer of ResNet-32 leaves an element unwritten") {
  for (const OpRow& layer : layers) {
    const std::string fault = unwritten_fault(layer, {Device::cpu, DType::f32});
    CHECK_MESSAGE(fault.empty(), fault);
  }
}

}  // namespace
}  // namespace mneme::test
