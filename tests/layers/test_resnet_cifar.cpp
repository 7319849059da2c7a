#include "layers/resnet_cifar.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/autograd.h"

using namespace mneme;

namespace {

CifarResNet make(const CifarResNet::Options& options, Device device = Device::cpu, uint64_t seed = 1) {
  Factory factory(seed, device);
  return CifarResNet(options, factory);
}

Tensor images(int64_t count, int64_t side, Device device = Device::cpu) {
  Factory pixels(99, device);
  return pixels.normal({count, 3, side, side}, 1);
}

int64_t parameters_at(int depth, Shortcut shortcut) {
  CifarResNet net = make({.depth = depth, .shortcut = shortcut});
  return parameter_count(net);
}

double least(const Tensor& x) {
  const std::vector<double> values = x.values();
  return *std::min_element(values.begin(), values.end());
}

struct Moments {
  double mean = 0, variance = 0;
};

Moments moments(const Tensor& x) {
  Moments m;
  for (const double v : x.values()) m.mean += v / static_cast<double>(x.size());
  for (const double v : x.values()) m.variance += (v - m.mean) * (v - m.mean) / static_cast<double>(x.size());
  return m;
}

}  // namespace

TEST_CASE("ResNet-32 has 466 256 parameters and 64 features, and the other depths what their formula gives") {
  CHECK(parameters_at(32, Shortcut::projection) == 466256);
  CHECK(make({}).feature_size() == 64);
  struct Row {
    int depth;
    int64_t zero_pad;
  };
  constexpr int64_t projections = (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64);
  for (const Row& r : {Row{20, 269072}, Row{32, 463504}, Row{44, 657936}, Row{56, 852368}, Row{110, 1727312}}) {
    CAPTURE(r.depth);
    CHECK(parameters_at(r.depth, Shortcut::zero_pad) == r.zero_pad);
    CHECK(parameters_at(r.depth, Shortcut::projection) == r.zero_pad + projections);
  }
}

TEST_CASE("depths that are not 6 n + 2 are refused in one line") {
  for (const int depth : {33, 18, 2, 0, -4}) {
    CAPTURE(depth);
    CHECK_THROWS_WITH_AS((void)make({.depth = depth}),
                         fmt::format("a CIFAR ResNet has 6 n + 2 layers (20, 32, 44, 56, 110), not {}", depth).c_str(),
                         Error);
  }
}

TEST_CASE("the state's names and order are those of PyTorch's state_dict") {
  CifarResNet net = make({.depth = 8});
  const auto norm = [](const std::string& at) {
    return std::vector<std::string>{at + ".weight", at + ".bias", at + ".running_mean", at + ".running_var"};
  };
  std::vector<std::string> expected = {"conv1.weight"};
  const auto append = [&](const std::vector<std::string>& more) {
    expected.insert(expected.end(), more.begin(), more.end());
  };
  append(norm("bn1"));
  for (const std::string layer : {"layer1.0", "layer2.0", "layer3.0"}) {
    append({layer + ".conv1.weight"});
    append(norm(layer + ".bn1"));
    append({layer + ".conv2.weight"});
    append(norm(layer + ".bn2"));
    if (layer == "layer1.0") continue;
    append({layer + ".downsample.0.weight"});
    append(norm(layer + ".downsample.1"));
  }
  std::vector<std::string> names;
  for (const auto& [name, tensor] : named_state(net)) names.push_back(name);
  CHECK(names == expected);
}

TEST_CASE("the zero-pad shortcut has no parameters of its own, and both shortcuts start from the same other weights") {
  CifarResNet padded = make({.depth = 8, .shortcut = Shortcut::zero_pad});
  for (const auto& [name, tensor] : named_state(padded)) CHECK(name.find("downsample") == std::string::npos);
}

TEST_CASE("maps and features have the sizes of the paper") {
  const NoGrad numbers_only;
  for (const Shortcut shortcut : {Shortcut::projection, Shortcut::zero_pad}) {
    CifarResNet net = make({.depth = 8, .shortcut = shortcut});
    const Features out = net.forward(images(2, 32), inference_mode);
    REQUIRE(out.maps.size() == 3);
    CHECK(out.maps[0].shape() == Shape{2, 16, 32, 32});
    CHECK(out.maps[1].shape() == Shape{2, 32, 16, 16});
    CHECK(out.maps[2].shape() == Shape{2, 64, 8, 8});
    CHECK(out.pooled.shape() == Shape{2, 64});
  }
}

TEST_CASE("the last ReLU decides whether features have both signs, and nothing else changes") {
  const NoGrad numbers_only;
  CifarResNet with = make({.depth = 14}), without = make({.depth = 14, .last_relu = false});
  const Features a = with.forward(images(4, 16), training_mode), b = without.forward(images(4, 16), training_mode);
  CHECK(least(a.pooled) >= 0);
  CHECK(least(b.pooled) < -0.1);
  CHECK(least(b.maps[2]) < 0);
  for (const size_t stage : {size_t{0}, size_t{1}}) CHECK(a.maps[stage].values() == b.maps[stage].values());
  const std::vector<double> rectified = relu(b.maps[2]).values();
  CHECK(rectified == a.maps[2].values());
}

TEST_CASE("a small network's signed maps are handed out before their ReLU, and features stay the same") {
  const NoGrad numbers_only;
  CifarResNet plain = make({.depth = 14}), net = make({.depth = 14, .signed_maps = true});
  const Features a = plain.forward(images(4, 16), training_mode), b = net.forward(images(4, 16), training_mode);
  CHECK(a.pooled.values() == b.pooled.values());
  for (size_t stage = 0; stage < 3; ++stage) {
    CHECK(least(b.maps[stage]) < -0.1);
    const std::vector<double> rectified = relu(b.maps[stage]).values();
    CHECK(rectified == a.maps[stage].values());
  }
}

TEST_CASE("signed blocks: four maps, no shortcut of its own, and at first every block hands on what it is given") {
  const NoGrad numbers_only;
  CifarResNet net = make({.depth = 14, .signed_blocks = true});
  for (const auto& [name, tensor] : named_state(net)) CHECK(name.find("downsample") == std::string::npos);
  for (const double gamma : net.layer2[1].bn2.weight.values()) CHECK(gamma == 0);
  for (const double gamma : net.layer2[1].bn1.weight.values()) CHECK(gamma == 1);
  const Tensor x = images(2, 32);
  const Features out = net.forward(x, training_mode);
  REQUIRE(out.maps.size() == 4);
  const Tensor stem = relu(net.bn1(net.conv1(x), {true, false}));
  CHECK(out.maps[0].values() == stem.values());
  CHECK(out.maps[1].values() == subsample_pad_channels(stem, 2, 32).values());
  CHECK(out.maps[2].values() == subsample_pad_channels(out.maps[1], 2, 64).values());
  CHECK(out.maps[3].values() == out.maps[2].values());
  CHECK(make({.depth = 8, .signed_blocks = true}).forward(x, training_mode).maps.size() == 3);
}

TEST_CASE("signed blocks have no ReLU after any addition") {
  const NoGrad numbers_only;
  CifarResNet net = make({.depth = 14, .signed_blocks = true});
  for (std::vector<BasicBlock>* stage : {&net.layer1, &net.layer2, &net.layer3})
    for (BasicBlock& block : *stage)
      block.bn2.weight.copy_from(Tensor::full(block.bn2.weight.shape(), 1, block.bn2.weight.options()));
  const Features out = net.forward(images(4, 16), training_mode);
  for (const Tensor& map : out.maps) CHECK(least(map) < -0.1);
  CHECK(least(out.pooled) < 0);
}

TEST_CASE("features are the average over the last map") {
  const NoGrad numbers_only;
  CifarResNet net = make({.depth = 8}, Device::reference);
  const Features out = net.forward(images(2, 16, Device::reference), inference_mode);
  const std::vector<double> map = out.maps[2].values(), pooled = out.pooled.values();
  for (size_t i = 0; i < pooled.size(); ++i) {
    double sum = 0;
    for (size_t p = 0; p < 16; ++p) sum += map[16 * i + p];
    CHECK(pooled[i] == doctest::Approx(sum / 16).epsilon(1e-5));
  }
}

TEST_CASE("convolutions start normal with variance 2 / (out k^2), batch norms at 1 and 0") {
  CifarResNet net = make({});
  const Moments m = moments(net.layer3[2].conv1.weight);  // 36 864 draws
  const double variance = 2.0 / (64 * 9);
  CHECK(std::abs(m.mean) < 5 * std::sqrt(variance / 36864));
  CHECK(std::abs(m.variance / variance - 1) < 5 * std::sqrt(2.0 / 36864));
  CHECK(moments(net.layer2[0].shortcut.projection->conv.weight).variance ==
        doctest::Approx(2.0 / 32).epsilon(0.3).scale(0));  // 512 draws
  net.each_state("", [](const std::string& name, Tensor& tensor, StateKind) {
    if (tensor.rank() != 1) return;
    const bool one = name.ends_with("weight") || name.ends_with("running_var");
    for (const double v : tensor.values()) CHECK_MESSAGE(v == (one ? 1.0 : 0.0), name);
  });
}

TEST_CASE("weights depend on the seed alone, and no two tensors share their draws") {
  CifarResNet a = make({.depth = 8}), again = make({.depth = 8}, Device::reference),
              other = make({.depth = 8}, Device::cpu, 2);
  CHECK(a.conv1.weight.values() == again.conv1.weight.values());
  CHECK(a.layer3[0].conv2.weight.values() == again.layer3[0].conv2.weight.values());
  CHECK(a.conv1.weight.values() != other.conv1.weight.values());
  std::set<double> first_draws;
  int64_t convolutions = 0;
  a.each_state("", [&](const std::string&, Tensor& tensor, StateKind) {
    if (tensor.rank() != 4) return;
    first_draws.insert(tensor.values()[0] /
                       std::sqrt(2.0 / static_cast<double>(tensor.dim(0) * tensor.dim(2) * tensor.dim(3))));
    ++convolutions;
  });
  CHECK(static_cast<int64_t>(first_draws.size()) == convolutions);
}

TEST_CASE("training moves the running statistics, inference and a training pass told not to do not") {
  const NoGrad numbers_only;
  CifarResNet net = make({.depth = 8});
  const std::vector<double> before = net.bn1.running.mean.values();
  (void)net.forward(images(4, 8), inference_mode);
  CHECK(net.bn1.running.mean.values() == before);
  (void)net.forward(images(4, 8), {.training = true, .update_running = false});
  CHECK(net.bn1.running.mean.values() == before);
  (void)net.forward(images(4, 8), training_mode);
  CHECK(net.bn1.running.mean.values() != before);
}
