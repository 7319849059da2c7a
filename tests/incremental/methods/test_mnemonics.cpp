// Tests of runs of Mnemonics. The tests of learned pixels are in tests/incremental/training/test_exemplar_learning.cpp.

#include <doctest/doctest.h>

#include "tests/incremental/methods/method_runs.h"
#include "tests/support/messages.h"

namespace mneme::test {
namespace {

TEST_CASE("from the second task on kernels rest and their factors learn, and exemplars are no longer whole numbers") {
  ExperimentOptions options = tiny_options_for("mnemonics");
  set_option(options.method_options, "--exemplar-lr", 50);
  const ResidentDataset data = tiny_data();
  const Finished run = finish(options, data);
  REQUIRE(run.states.size() == 2);
  bool kernels = false, factors = false;
  for (const auto& [name, numbers] : run.states[0]) {
    const bool factor = name.ends_with("kernel_scale");
    // Exemplars are not learned in the first task.
    if (factor) CHECK_MESSAGE(numbers == std::vector<float>(numbers.size(), 1.0f), name);
    const bool kernel = name.ends_with("conv1.weight") || name.ends_with("conv2.weight");
    if (kernel) CHECK_MESSAGE(run.states[1].at(name) == numbers, name);
    if (factor) CHECK_MESSAGE(run.states[1].at(name) != numbers, name);
    kernels = kernels || kernel;
    factors = factors || factor;
  }
  CHECK(kernels);
  CHECK(factors);
}

TEST_CASE("exemplars' pixels cannot be resized crops, and the program says so before it trains") {
  ExperimentOptions options = tiny_options_for("mnemonics");
  options.train.augmentation.crop = Crop::resized_crop;
  check_says(message_of([&] { finish(options); }), "--augmentation crop");
}

}  // namespace
}  // namespace mneme::test
