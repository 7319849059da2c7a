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

}  // namespace
}  // namespace mneme::test
