// The program, from its start, with the first call of each function made to fail.

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "tests/apps/program.h"
#include "tests/incremental/run_files.h"

namespace mneme::test {
namespace {

const std::string gpu_shown = "env -u CUDA_VISIBLE_DEVICES ";
const std::string on_cuda =
    "--generated-classes 4 --generated-per-class 6 --tasks 2 --epochs 1 --network resnet8 --batch-size 16 --order "
    "identity --method finetuning --device cuda --deterministic --quiet --out ";

/// The functions that a run called: each line of the count that the stand-in prints is a name and a number.
std::vector<std::string> functions_of(const std::string& count) {
  std::vector<std::string> functions;
  std::istringstream lines(count);
  for (std::string line; std::getline(lines, line);) {
    const size_t space = line.rfind(' ');
    const bool counted = space != std::string::npos && space + 1 < line.size() &&
                         line.find_first_not_of("0123456789", space + 1) == std::string::npos;
    if (counted) functions.push_back(line.substr(0, space));
  }
  return functions;
}

TEST_CASE("whichever function fails at its first call, the program ends with one line of error or the right files") {
  const Program program(memory_or_disk());
  const Said good = program.run(on_cuda + "good", gpu_shown + "CUDA_STAND_IN_COUNT=1 timeout 100");
  REQUIRE(good.code == 0);
  const std::vector<std::string> functions = functions_of(good.err);
  REQUIRE(functions.size() > 20);
  int errors = 0, right = 0;
  for (const std::string& function : functions) {
    CAPTURE(function);
    const Said said =
        program.run(on_cuda + "failed", gpu_shown + "CUDA_STAND_IN_FAIL='" + function + ":1' timeout 100");
    if (said.code == 0) {
      CHECK(different_files(program.folder() / "good", program.folder() / "failed") == std::vector<std::string>{});
      ++right;
    } else {
      CHECK(said.code == 1);
      CAPTURE(said.err);
      CHECK(said.err.starts_with("cifar100: "));
      CHECK(std::ranges::count(said.err, '\n') == 1);
      ++errors;
    }
    std::filesystem::remove_all(program.folder() / "failed");
  }
  MESSAGE(functions.size(), " functions: ", errors, " ended with an error, ", right, " in the right files");
}

}  // namespace
}  // namespace mneme::test
