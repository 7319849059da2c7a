// Tests of runs of IL2M. The tests of its prediction rule are in tests/incremental/protocol/test_prediction_rules.cpp.

#include <doctest/doctest.h>

#include "tests/incremental/methods/method_runs.h"

namespace mneme::test {
namespace {

TEST_CASE("IL2M trains as finetuning with exemplars does, and predicts otherwise") {
  const Finished il2m = finish(tiny_options_for("il2m")), finetuning = finish(tiny_options_for("finetuning"));
  CHECK(changed(finetuning.states[1], il2m.states[1]).empty());
  CHECK(il2m.result.settings["prediction_rule"] == "rectified");
}

}  // namespace
}  // namespace mneme::test
