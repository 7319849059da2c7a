// The knobs of the methods: which values they may have, and that run.json keeps each of them.

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

using Change = std::function<void(MethodOptions&)>;

TEST_CASE("knobs that mean nothing are refused by the name of their flag") {
  const std::vector<std::pair<std::string, Change>> wrong = {
      {"--eps must be at least 0, got -1", [](auto& m) { m.eps = -1; }},
      {"--alpha-lr must be at least 0, got -1", [](auto& m) { m.alpha_rate = -1; }},
      {"--alpha-period must be at least 1, got 0", [](auto& m) { m.alpha_period = 0; }},
      {"--attention-weight must be at least 0, got -1", [](auto& m) { m.attention = -1; }},
      {"--gamma1 must be at least 0, got -0.5", [](auto& m) { m.gamma1 = -0.5; }},
      {"--gamma-binary must be at least 0, got -0.5", [](auto& m) { m.gamma_binary = -0.5; }},
      {"--margin-weight must be at least 0, got -1", [](auto& m) { m.margin_weight = -1; }},
      {"--margin must be at least 0, got -1", [](auto& m) { m.margin = -1; }},
      {"--margin-classes must be at least 1, got 0", [](auto& m) { m.margin_classes = 0; }},
      {"--balanced-epochs must be at least 0, got -1", [](auto& m) { m.balanced_epochs = -1; }},
      {"--balanced-lr must be more than 0, got 0", [](auto& m) { m.balanced_rate = 0; }},
      {"--flat-weight must be at least 0, got -1", [](auto& m) { m.flat_weight = -1; }},
      {"--vertices must be at least 3, got 2", [](auto& m) { m.vertices = 2; }},
      {"--delta must be at least 0, got -1", [](auto& m) { m.delta = -1; }},
      {"--exemplar-lr must be at least 0, got -1", [](auto& m) { m.exemplar_rate = -1; }},
      {"--exemplar-step must be at least 0, got -1", [](auto& m) { m.exemplar_step = -1; }},
      {"--exemplar-epochs must be at least 1, got 0", [](auto& m) { m.exemplar_epochs = 0; }},
      {"--importance-alpha must lie in [0, 1], got -0.5", [](auto& m) { m.importance_alpha = -0.5; }},
      {"--damping must be more than 0, got 0", [](auto& m) { m.damping = 0; }},
      {"--importance-images must be at least 0, got -1", [](auto& m) { m.importance_images = -1; }},
      {"--finetuning-lr-factor must be more than 0, got 0", [](auto& m) { m.finetuning_factor = 0; }},
      {"--finetuning-epochs must be at least 0, got -1", [](auto& m) { m.finetuning_epochs = -1; }},
      {"--validation-exemplars must lie in [0, 1), got 1", [](auto& m) { m.held_out = 1; }},
      {"--bias-epochs must be at least 0, got -1", [](auto& m) { m.bias_epochs = -1; }},
      {"--replay-batch must be at least 1, got 0", [](auto& m) { m.replay_batch = 0; }},
      {"--aux-batch-size must be at least 1, got 0", [](auto& m) { m.auxiliary_batch = 0; }},
  };
  for (const auto& [expected, change] : wrong) {
    ExperimentOptions o = tiny_options("lwf");
    change(o.method_options);
    try {
      check_ranges(o);
      FAIL_CHECK("accepted: ", expected);
    } catch (const UsageError& error) {
      CHECK(error.what() == expected);
    }
  }
  ExperimentOptions o = tiny_options("ewc");
  o.method_options.importance_alpha = -1;  // by the share of old classes
  CHECK_NOTHROW(check_ranges(o));
}

TEST_CASE("every knob of a method is in run.json") {
  const std::vector<Change> changes = {[](auto& m) { m.lambda = 3; },
                                       [](auto& m) { m.temperature = 3; },
                                       [](auto& m) { m.eps = 0.1; },
                                       [](auto& m) { m.as_released = true; },
                                       [](auto& m) { m.sr_joint = 3; },
                                       [](auto& m) { m.bsr_binary = 3; },
                                       [](auto& m) { m.attention = 3; },
                                       [](auto& m) { m.alpha = 3; },
                                       [](auto& m) { m.alpha_rate = 3; },
                                       [](auto& m) { m.alpha_period = 3; },
                                       [](auto& m) { m.all_outputs = true; },
                                       [](auto& m) { m.freeze_after = 3; },
                                       [](auto& m) { m.gamma1 = 3; },
                                       [](auto& m) { m.gamma_binary = 3; },
                                       [](auto& m) { m.margin_weight = 3; },
                                       [](auto& m) { m.margin = 3; },
                                       [](auto& m) { m.margin_classes = 3; },
                                       [](auto& m) { m.no_less_forget = true; },
                                       [](auto& m) { m.fixed_lambda = true; },
                                       [](auto& m) { m.imprint = true; },
                                       [](auto& m) { m.balanced_epochs = 3; },
                                       [](auto& m) { m.balanced_rate = 3; },
                                       [](auto& m) { m.flat_weight = 3; },
                                       [](auto& m) { m.delta = 3; },
                                       [](auto& m) { m.vertices = 3; },
                                       [](auto& m) { m.exemplar_rate = 3; },
                                       [](auto& m) { m.exemplar_step = 3; },
                                       [](auto& m) { m.exemplar_epochs = 3; },
                                       [](auto& m) { m.importance_alpha = 0.3; },
                                       [](auto& m) { m.damping = 3; },
                                       [](auto& m) { m.importance_images = 3; },
                                       [](auto& m) { m.finetuning_factor = 3; },
                                       [](auto& m) { m.finetuning_epochs = 3; },
                                       [](auto& m) { m.gradient_noise = true; },
                                       [](auto& m) { m.held_out = 0.3; },
                                       [](auto& m) { m.bias_epochs = 3; },
                                       [](auto& m) { m.auxiliary_batch = 3; },
                                       [](auto& m) { m.replay_batch = 3; },
                                       [](auto& m) { m.fisher_labels = FisherLabels::drawn; }};
  const ResidentDataset data = tiny_data();
  const ExperimentOptions plain = tiny_options("lwf");
  const Scenario scenario = make_scenario(data, plain.scenario, 1);
  const auto settings = [&](const ExperimentOptions& o) { return settings_of(o, data_settings(data), scenario); };
  const auto before = settings(plain);
  CHECK(before["method"].size() + 2 == changes.size());  // but lambda and two rates, which are absent; and the name
  for (size_t i = 0; i < changes.size(); ++i) {
    ExperimentOptions o = plain;
    changes[i](o.method_options);
    CHECK_MESSAGE(settings(o) != before, "change ", i);
  }
}

TEST_CASE("a method's own classifier and rule are settings but not protocol, a chosen rule is protocol") {
  const auto settings = [](const ExperimentOptions& o) { return finish(o).result.settings; };
  const auto lwf = settings(tiny_options_for("lwf")), lucir = settings(tiny_options_for("lucir"));
  CHECK(lwf["network"]["classifier"] == "linear");
  CHECK(lucir["network"]["classifier"] == "cosine");
  CHECK(lucir["network"]["last_relu"] == false);
  CHECK(lwf["protocol"] == lucir["protocol"]);
  ExperimentOptions o = tiny_options_for("lwf");
  o.predict_by = "multi-softmax";
  CHECK(settings(o)["protocol"] != lwf["protocol"]);
}

TEST_CASE("a classifier chosen by hand replaces the method's") {
  ExperimentOptions o = tiny_options("lwf");
  o.classifier = ClassifierKind::cosine;
  const Finished run = finish(o);
  CHECK(run.states[0].contains("scale"));
  CHECK(run.result.settings["network"]["classifier"] == "cosine");
  CHECK(run.result.settings["network"]["last_relu"] == true);
}

TEST_CASE("first tasks on another classifier or without held-out images are other first tasks") {
  const auto first_task = [](const ExperimentOptions& o) { return finish(o).result.settings["first_task"]; };
  const auto lwf = first_task(tiny_options_for("lwf"));
  CHECK(first_task(tiny_options_for("finetuning")) == lwf);
  CHECK(first_task(tiny_options_for("lucir")) != lwf);
  CHECK(first_task(tiny_options_for("bic")) != lwf);
  CHECK(first_task(tiny_options_for("bic"))["held_out_images"] == 2);
}

}  // namespace
}  // namespace mneme::test
