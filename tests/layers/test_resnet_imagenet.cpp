#include "layers/resnet_imagenet.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/autograd.h"
#include "layers/module.h"

using namespace mneme;

namespace {

using BasicStage = std::vector<BasicBlock>;
using BottleneckStage = std::vector<Bottleneck>;

ImageNetResNet make(const ResNetOptions& options, Device device = Device::cpu, uint64_t seed = 1) {
  Factory factory(seed, device);
  return ImageNetResNet(options, factory);
}

Tensor images(int64_t count, int64_t height, int64_t width) {
  Factory pixels(99, Device::cpu);
  return pixels.normal({count, 3, height, width}, 1);
}

double least(const Tensor& x) {
  const std::vector<double> values = x.values();
  return *std::min_element(values.begin(), values.end());
}

std::vector<Shape> shapes(const std::vector<Tensor>& maps) {
  std::vector<Shape> all;
  for (const Tensor& map : maps) all.push_back(map.shape());
  return all;
}

/// Sets the gamma of the last batch norms, which is 0 at first in PODNet's blocks, as if training had changed it.
void wake(ImageNetResNet& net) {
  for (ImageNetResNet::Stage& stage : net.layers)
    for (BasicBlock& block : std::get<BasicStage>(stage))
      block.bn2.weight.copy_from(Tensor::full(block.bn2.weight.shape(), 1, block.bn2.weight.options()));
}

}  // namespace

TEST_CASE("ResNets for large images have torchvision's numbers of parameters, but for the last layer, and features") {
  struct Row {
    int depth;
    int64_t with_fc, features;
  };
  for (const Row& r : {Row{18, 11689512, 512}, Row{34, 21797672, 512}, Row{50, 25557032, 2048}}) {
    CAPTURE(r.depth);
    ImageNetResNet net = make({.depth = r.depth});
    CHECK(parameter_count(net) == r.with_fc - 1000 * (r.features + 1));
    CHECK(net.feature_size() == r.features);
  }
}

TEST_CASE("other depths are refused in one line") {
  for (const int depth : {32, 101, 0})
    CHECK_THROWS_WITH_AS((void)make({.depth = depth}),
                         fmt::format("a ResNet for large images has 18, 34 or 50 layers, not {}", depth).c_str(),
                         Error);
}

TEST_CASE("four maps, each stage's half as large as the one before, at any size of image") {
  const NoGrad numbers_only;
  ImageNetResNet net = make({.depth = 18});
  const auto sides = [&](int64_t height, int64_t width) {
    const Features out = net.forward(images(1, height, width), inference_mode);
    CHECK(out.pooled.shape() == Shape{1, 512});
    return shapes(out.maps);
  };
  CHECK(sides(224, 224) == std::vector<Shape>{{1, 64, 56, 56}, {1, 128, 28, 28}, {1, 256, 14, 14}, {1, 512, 7, 7}});
  CHECK(sides(32, 32) == std::vector<Shape>{{1, 64, 8, 8}, {1, 128, 4, 4}, {1, 256, 2, 2}, {1, 512, 1, 1}});
  CHECK(sides(45, 71) == std::vector<Shape>{{1, 64, 12, 18}, {1, 128, 6, 9}, {1, 256, 3, 5}, {1, 512, 2, 3}});
}

TEST_CASE("bottlenecks have four times the channels outside, and their stride in the 3x3 convolution") {
  const NoGrad numbers_only;
  ImageNetResNet net = make({.depth = 50});
  const Features out = net.forward(images(1, 64, 64), inference_mode);
  CHECK(shapes(out.maps) == std::vector<Shape>{{1, 256, 16, 16}, {1, 512, 8, 8}, {1, 1024, 4, 4}, {1, 2048, 2, 2}});
  const Bottleneck& first = std::get<BottleneckStage>(net.layers[1])[0];
  CHECK(first.conv1.options.stride == 1);
  CHECK(first.conv2.options.stride == 2);
  CHECK(first.conv1.weight.shape() == Shape{128, 256, 1, 1});
  CHECK(first.conv2.weight.shape() == Shape{128, 128, 3, 3});
  CHECK(first.conv3.weight.shape() == Shape{512, 128, 1, 1});
}

TEST_CASE("without its last ReLU a large ResNet's features have both signs, and nothing before changes") {
  const NoGrad numbers_only;
  for (const int depth : {18, 50}) {
    ImageNetResNet with = make({.depth = depth}), without = make({.depth = depth, .last_relu = false});
    const Tensor x = images(4, 32, 32);
    const Features a = with.forward(x, training_mode), b = without.forward(x, training_mode);
    CHECK(least(a.pooled) >= 0);
    CHECK(least(b.pooled) < -0.1);
    for (const size_t stage : {size_t{0}, size_t{1}, size_t{2}})
      CHECK(a.maps[stage].values() == b.maps[stage].values());
    const std::vector<double> rectified = relu(b.maps[3]).values();
    CHECK(rectified == a.maps[3].values());
  }
}

TEST_CASE("signed maps are handed out before their ReLU, and features stay the same") {
  const NoGrad numbers_only;
  ImageNetResNet plain = make({.depth = 18}), net = make({.depth = 18, .signed_maps = true});
  const Tensor x = images(2, 64, 64);
  const Features a = plain.forward(x, training_mode), b = net.forward(x, training_mode);
  CHECK(a.pooled.values() == b.pooled.values());
  for (size_t stage = 0; stage < 4; ++stage) {
    CHECK(least(b.maps[stage]) < -0.1);
    const std::vector<double> rectified = relu(b.maps[stage]).values();
    CHECK(rectified == a.maps[stage].values());
  }
}

TEST_CASE("signed blocks: a 3x3 stem without stride doubles the maps, and blocks start with gamma 0") {
  const NoGrad numbers_only;
  for (const int depth : {18, 50}) {
    ImageNetResNet net = make({.depth = depth, .signed_blocks = true});
    CHECK(net.conv1.weight.shape() == Shape{64, 3, 3, 3});
    const Features out = net.forward(images(2, 32, 32), training_mode);
    const int64_t c = depth == 18 ? 64 : 256;
    CHECK(shapes(out.maps) == std::vector<Shape>{{2, c, 16, 16}, {2, 2 * c, 8, 8}, {2, 4 * c, 4, 4}, {2, 8 * c, 2, 2}});
  }
  ImageNetResNet net = make({.depth = 18, .signed_blocks = true});
  for (ImageNetResNet::Stage& stage : net.layers)
    for (BasicBlock& block : std::get<BasicStage>(stage)) {
      for (const double gamma : block.bn1.weight.values()) CHECK(gamma == 1);
      for (const double gamma : block.bn2.weight.values()) CHECK(gamma == 0);
    }
}

TEST_CASE("signed blocks: a stage's first block ends in a ReLU, its second does not, and nothing rectifies between") {
  const NoGrad numbers_only;
  ImageNetResNet net = make({.depth = 18, .signed_blocks = true});
  wake(net);
  const Features out = net.forward(images(2, 32, 32), training_mode);
  for (size_t stage = 0; stage < 4; ++stage) {
    CHECK(least(out.maps[stage]) < -0.1);
    BasicStage& blocks = std::get<BasicStage>(net.layers[stage]);
    if (stage == 0) continue;
    const Tensor inside = blocks[0].forward(out.maps[stage - 1], training_mode);
    CHECK(least(inside) == 0);
    CHECK(blocks[1].forward(inside, training_mode).values() == out.maps[stage].values());
  }
  CHECK(least(out.pooled) < 0);
}

TEST_CASE("signed blocks of ResNet-34: only a stage's first block ends in a ReLU") {
  ImageNetResNet net = make({.depth = 34, .signed_blocks = true});
  for (ImageNetResNet::Stage& stage : net.layers) {
    const BasicStage& blocks = std::get<BasicStage>(stage);
    for (size_t i = 0; i < blocks.size(); ++i) CHECK(blocks[i].last_relu == (i == 0));
  }
}

TEST_CASE("a large ResNet's convolutions start normal with variance 2 / (out k^2), batch norms at 1 and 0") {
  ImageNetResNet net = make({.depth = 50});
  net.each_state("", [](const std::string& name, Tensor& tensor, StateKind) {
    const std::vector<double> values = tensor.values();
    if (tensor.rank() == 1) {
      const bool one = name.ends_with("weight") || name.ends_with("running_var");
      for (const double v : values) CHECK_MESSAGE(v == (one ? 1.0 : 0.0), name);
      return;
    }
    double squares = 0;
    for (const double v : values) squares += v * v;
    const auto n = static_cast<double>(values.size());
    const double variance = 2.0 / static_cast<double>(tensor.dim(0) * tensor.dim(2) * tensor.dim(3));
    CHECK_MESSAGE(std::abs(squares / n / variance - 1) < 6 * std::sqrt(2 / n), name);
  });
}

TEST_CASE("a copy of a large ResNet shares its numbers until they are separated") {
  ImageNetResNet net = make({.depth = 18});
  const std::unique_ptr<Backbone> shared = net.copy(), apart = net.copy();
  own_state(*apart);
  net.conv1.weight.data<float>()[0] = 42;
  CHECK(named_state(*shared)[0].second.values()[0] == 42);
  CHECK(named_state(*apart)[0].second.values()[0] != 42);
}
