// Networks that are exchanged with PyTorch in both directions.

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

Tensor logits_of(IncrementalNet& net, int64_t side) {
  const NoGrad numbers_only;
  return net.forward(formula_batch(0, 4, side, 10, {Device::cpu}).images, inference_mode).scores.logits;
}

/// Writes one of our networks and its logits, and the logits of one of PyTorch's networks, under names that begin with
/// `name`.
void exchange(const fs::path& folder, const std::string& name, const std::vector<int>& heads, int64_t side) {
  const auto file = [&](const char* which) { return folder / (name + which); };
  const auto ours = resnet(Device::cpu, DType::f32, heads, name), theirs = resnet(Device::cpu, DType::f32, heads, name);
  set_formula_state(*ours, true);
  write(file(".mneme.safetensors"), to_safetensors(named_state(*ours)));
  load_state(*theirs, read_safetensors(file(".pytorch.safetensors")).tensors);
  write(file(".logits.safetensors"),
        to_safetensors({{"ours", logits_of(*ours, side)}, {"theirs", logits_of(*theirs, side)}}));
}

// tests/golden/check_safetensors.py runs this test and describes the files in MNEME_EXCHANGE.
TEST_CASE("exchange with PyTorch" * doctest::skip()) {
  const char* folder = std::getenv("MNEME_EXCHANGE");
  REQUIRE_MESSAGE(folder, "set MNEME_EXCHANGE to the folder of tests/golden/check_safetensors.py");
  exchange(folder, "resnet32", {6, 4}, 32);
  exchange(folder, "resnet18", {10}, 64);
  exchange(folder, "resnet50", {10}, 64);
}

}  // namespace
}  // namespace mneme::test
