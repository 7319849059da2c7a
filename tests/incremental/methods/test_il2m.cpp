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

TEST_CASE("IL2M's scores are probabilities; as released they are logits") {
  const std::vector<float> logits = {3, 1, 0, 2};
  MethodOptions released;
  set_option(released, "--as-released", true);
  const ClassScores raw = make_method("il2m", released).rule->among_all({logits, {}}, {2, 2}),
                    shares = make_method("il2m", {}).rule->among_all({logits, {}}, {2, 2});
  CHECK(raw == logits);  // an old class scores highest, so nothing is rectified
  CHECK(shares[0] == doctest::Approx(0.643914).epsilon(1e-5));
  CHECK(shares[0] + shares[1] + shares[2] + shares[3] == doctest::Approx(1));
}

}  // namespace
}  // namespace mneme::test
