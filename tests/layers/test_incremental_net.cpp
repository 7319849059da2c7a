#include "layers/incremental_net.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/safetensors.h"
#include "layers/block.h"
#include "layers/resnet_cifar.h"
#include "optim/sgd.h"

using namespace mneme;

namespace {

struct Built {
  Factory factory;
  IncrementalNet net;

  explicit Built(Device device, uint64_t seed = 5, bool cosine_features = false)
      : factory(seed, device),
        net(std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8, .last_relu = !cosine_features}, factory),
            std::make_unique<LinearHeads>(64)) {}
};

Tensor images(int64_t count, Device device, uint64_t seed = 77) {
  Factory pixels(seed, device);
  return pixels.normal({count, 3, 8, 8}, 1);
}

std::string bytes_of(Module& module) { return to_safetensors(named_state(module)); }

void train_steps(IncrementalNet& net, Device device, int steps) {
  ParameterBlock block(net, [](const std::string&) { return true; });
  Sgd sgd(block, {.momentum = 0.9});
  for (int step = 0; step < steps; ++step) {
    block.clear_gradients();
    const Tensor z = net.forward(images(6, device, static_cast<uint64_t>(step)), training_mode).scores.logits;
    backward(mean(softmax_cross_entropy(z, Tensor::from(std::vector<int>{0, 1, 2, 0, 1, 2}, {6}, device))));
    sgd.step(0.1);
  }
}

std::vector<double> logits(IncrementalNet& net, const Tensor& x) {
  const NoGrad numbers_only;
  return net.forward(x, inference_mode).scores.logits.values();
}

std::vector<double> columns(const std::vector<double>& values, size_t width, size_t kept) {
  std::vector<double> out;
  for (size_t i = 0; i < values.size(); ++i)
    if (i % width < kept) out.push_back(values[i]);
  return out;
}

}  // namespace

TEST_CASE("growing leaves old logits bit for bit what they were, on every device") {
  for (const Device device : {Device::reference, Device::cpu}) {
    Built b(device);
    b.net.add_classes(3, b.factory);
    const std::vector<double> three = logits(b.net, images(5, device));
    CHECK(three.size() == 15);
    b.net.add_classes(2, b.factory);
    const std::vector<double> five = logits(b.net, images(5, device));
    CHECK(columns(five, 5, 3) == three);
    b.net.add_classes(1, b.factory);
    CHECK(columns(logits(b.net, images(5, device)), 6, 5) == five);
  }
}

TEST_CASE("a network counts its classes and knows where tasks begin") {
  Built b(Device::cpu);
  CHECK(b.net.classes() == 0);
  b.net.add_classes(3, b.factory);
  b.net.add_classes(2, b.factory);
  CHECK(b.net.tasks() == 2);
  CHECK(b.net.offset(0) == 0);
  CHECK(b.net.offset(1) == 3);
  CHECK(b.net.classes() == 5);
  CHECK_THROWS_AS(b.net.add_classes(0, b.factory), Error);
  CHECK(b.net.tasks() == 2);
}

TEST_CASE("heads are named by task, and each has 65 parameters per class") {
  Built b(Device::cpu);
  const int64_t backbone = parameter_count(b.net);
  b.net.add_classes(3, b.factory);
  b.net.add_classes(2, b.factory);
  CHECK(parameter_count(b.net) == backbone + 5 * 65);
  std::vector<std::string> heads;
  for (const auto& [name, tensor] : named_state(b.net))
    if (name.starts_with("heads.")) heads.push_back(name + " " + tensor.shape().text());
  CHECK(heads == std::vector<std::string>{"heads.0.weight (3, 64)", "heads.0.bias (3)", "heads.1.weight (2, 64)",
                                          "heads.1.bias (2)"});
  CHECK(b.net.part_of("heads.0.bias") == Part::old_classes);
  CHECK(b.net.part_of("heads.1.weight") == Part::new_classes);
  CHECK(b.net.part_of("layer1.0.conv1.weight") == Part::backbone);
}

TEST_CASE("kernels may have factors: of 1 they change nothing, and 2 is a kernel twice as large") {
  const auto made = [](bool factors) {
    Factory factory(5, Device::cpu);
    auto net = std::make_unique<IncrementalNet>(
        std::make_unique<CifarResNet>(CifarResNet::Options{.depth = 8, .kernel_scales = factors}, factory),
        std::make_unique<LinearHeads>(64));
    net->add_classes(2, factory);
    return net;
  };
  const auto plain = made(false), scaled = made(true);
  const auto answer = [](IncrementalNet& net) {
    return net.forward(images(2, Device::cpu), inference_mode).scores.logits.floats();
  };
  CHECK(answer(*scaled) == answer(*plain));
  CHECK(scaled->part_of("layer1.0.conv1.weight") == Part::kernels);
  CHECK(scaled->part_of("layer1.0.conv1.kernel_scale") == Part::kernel_scale);
  CHECK(scaled->part_of("layer2.0.downsample.0.kernel_scale") == Part::kernel_scale);
  CHECK(scaled->part_of("layer1.0.bn1.weight") == Part::backbone);
  CHECK(plain->part_of("layer1.0.conv1.weight") == Part::backbone);
  for (auto* net : {plain.get(), scaled.get()})
    net->each_state("", [&](const std::string& name, Tensor& tensor, StateKind) {
      if (name == (net == plain.get() ? "conv1.weight" : "conv1.kernel_scale")) tensor.copy_from(scale(tensor, 2));
    });
  CHECK(answer(*scaled) == answer(*plain));
}

TEST_CASE("two heads of one network start differently, and a network's growth does not depend on its training") {
  Built a(Device::cpu), trained(Device::cpu);
  a.net.add_classes(3, a.factory);
  trained.net.add_classes(3, trained.factory);
  train_steps(trained.net, Device::cpu, 1);
  a.net.add_classes(3, a.factory);
  trained.net.add_classes(3, trained.factory);
  const auto& heads = static_cast<LinearHeads&>(*a.net.classifier).heads;
  CHECK(heads[0].weight.values() != heads[1].weight.values());
  CHECK(heads[1].weight.values() == static_cast<LinearHeads&>(*trained.net.classifier).heads[1].weight.values());
}

TEST_CASE("a frozen copy is untouched by its student's training, parameters and statistics alike") {
  Built b(Device::cpu);
  b.net.add_classes(3, b.factory);
  train_steps(b.net, Device::cpu, 1);
  const std::unique_ptr<IncrementalNet> teacher = b.net.frozen_copy();
  const std::string before = bytes_of(*teacher);
  CHECK(before == bytes_of(b.net));
  const std::vector<double> answer = logits(*teacher, images(4, Device::cpu));
  train_steps(b.net, Device::cpu, 3);
  b.net.add_classes(2, b.factory);
  CHECK(bytes_of(*teacher) == before);
  CHECK(bytes_of(b.net) != before);
  CHECK(logits(*teacher, images(4, Device::cpu)) == answer);
  CHECK(teacher->classes() == 3);
  for (const auto& [name, tensor] : named_state(*teacher)) CHECK_MESSAGE(!tensor.needs_grad(), name);
}

TEST_CASE("a teacher's answer to an image does not depend on the images beside it") {
  for (const Device device : {Device::reference, Device::cpu}) {
    Built b(device);
    b.net.add_classes(4, b.factory);
    const std::unique_ptr<IncrementalNet> teacher = b.net.frozen_copy();
    const Tensor first = images(1, device, 1);
    std::vector<double> pixels = first.values();
    const std::vector<double> alone = logits(*teacher, first);
    for (const uint64_t seed : {2u, 3u}) {
      std::vector<double> batch = pixels;
      for (const double v : images(6, device, seed).values()) batch.push_back(v);
      const std::vector<double> among = logits(*teacher, Tensor::from(batch, {7, 3, 8, 8}, first.options()));
      for (size_t k = 0; k < 4; ++k) CHECK(std::abs(among[k] - alone[k]) <= (device == Device::reference ? 0 : 1e-5));
    }
  }
}

TEST_CASE("features keep both signs where the network leaves out its last ReLU") {
  Built b(Device::cpu, 5, true);
  b.net.add_classes(2, b.factory);
  const NoGrad numbers_only;
  const std::vector<double> features = b.net.forward(images(4, Device::cpu), inference_mode).features.pooled.values();
  CHECK(*std::min_element(features.begin(), features.end()) < 0);
}
