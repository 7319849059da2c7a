// Networks that cross over to PyTorch and back.

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/safetensors.h"
#include "tests/support/resnet_formula.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

Tensor logits_of(IncrementalNet& net) {
  const NoGrad numbers_only;
  return net.forward(formula_batch(0, 4, 32, 10, {Device::cpu}).images, inference_mode).scores.logits;
}

// Run by tests/golden/check_safetensors.py, which says what the files in MNEME_EXCHANGE are.
TEST_CASE("exchange with PyTorch" * doctest::skip()) {
  const char* folder = std::getenv("MNEME_EXCHANGE");
  REQUIRE_MESSAGE(folder, "set MNEME_EXCHANGE to the folder of tests/golden/check_safetensors.py");
  const auto ours = resnet(Device::cpu, DType::f32, {6, 4}), theirs = resnet(Device::cpu, DType::f32, {6, 4});
  set_formula_state(*ours, true);
  write(fs::path(folder) / "mneme.safetensors", to_safetensors(named_state(*ours)));
  load_state(*theirs, read_safetensors(fs::path(folder) / "pytorch.safetensors").tensors);
  write(fs::path(folder) / "mneme_logits.safetensors",
        to_safetensors({{"ours", logits_of(*ours)}, {"theirs", logits_of(*theirs)}}));
}

TEST_CASE("a PyTorch state loads with its batch counters, which nothing here needs") {
  const auto from = resnet(Device::reference, DType::f32, {3}, 8), to = resnet(Device::cpu, DType::f32, {3}, 8);
  set_formula_state(*from, true);
  NamedTensors state = named_state(*from);
  state.emplace_back("bn1.num_batches_tracked", i32({7}));
  state.emplace_back("layer2.0.downsample.1.num_batches_tracked", i32({7}));
  load_state(*to, parse_safetensors(to_safetensors(state), "test").tensors);
  const auto expected = named_state(*from), got = named_state(*to);
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) CHECK(got[i].second.values() == expected[i].second.values());
}

TEST_CASE("a state that does not fit names every difference and changes nothing") {
  const auto small = resnet(Device::cpu, DType::f32, {3}, 8), other = resnet(Device::cpu, DType::f32, {4}, 8);
  NamedTensors state = named_state(*other);
  state.erase(state.begin());
  state.emplace_back("extra.weight", i32({1}));
  const auto before = named_state(*small)[1].second.values();
  CHECK_THROWS_WITH_AS(load_state(*small, state),
                       "these weights belong to another network: missing conv1.weight; heads.0.weight is (3, 64) here "
                       "but (4, 64) in the file; "
                       "heads.0.bias is (3) here but (4) in the file; left over extra.weight; check depth, shortcut "
                       "and number of classes",
                       Error);
  CHECK(named_state(*small)[1].second.values() == before);
}

TEST_CASE("ResNet-32 has PyTorch's names, shapes and number of parameters") {
  const auto net = resnet(Device::cpu, DType::f32, {10});
  CHECK(parameter_count(*net) == 466256 + 650);
  const auto state = named_state(*net);
  const auto shape_of = [&](const std::string& name) {
    for (const auto& [key, tensor] : state)
      if (key == name) return tensor.shape().text();
    return std::string("absent");
  };
  CHECK(shape_of("conv1.weight") == "(16, 3, 3, 3)");
  CHECK(shape_of("layer1.4.bn2.running_var") == "(16)");
  CHECK(shape_of("layer2.0.downsample.0.weight") == "(32, 16, 1, 1)");
  CHECK(shape_of("layer3.0.downsample.1.bias") == "(64)");
  CHECK(shape_of("layer3.4.conv2.weight") == "(64, 64, 3, 3)");
  CHECK(shape_of("heads.0.weight") == "(10, 64)");
  CHECK(shape_of("layer1.0.downsample.0.weight") == "absent");
}

}  // namespace
}  // namespace mneme::test
