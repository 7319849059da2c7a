#include "incremental/experiment/experiment_options.h"

#include <doctest/doctest.h>

#include <functional>

#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

TEST_CASE("a validation share too small for any image is told by the patience schedule in one line") {
  ExperimentOptions o = tiny_options("finetuning");
  o.scenario.validation_fraction = 0.01;
  o.train.schedule = ScheduleKind::patience;
  CHECK_THROWS_WITH_AS((void)finish(o), doctest::Contains("needs validation images"), Error);
}

TEST_CASE("options that contradict each other are refused before anything is trained") {
  const auto message = [](const std::string& method, const std::function<void(ExperimentOptions&)>& change) {
    ExperimentOptions o = tiny_options(method);
    change(o);
    return refusal(o);
  };
  const auto contains = [](const std::string& text, const std::string& part) {
    CHECK_MESSAGE(text.find(part) != std::string::npos, text);
    CHECK(text.find('\n') == std::string::npos);
  };
  contains(message("joint",
                   [](auto& o) {
                     o.memory = {MemoryBudget::Kind::per_class, 5, false};
                   }),
           "joint takes no exemplars");
  contains(message("il-baseline", [](auto&) {}), "il-baseline needs exemplars: give --memory-per-class");
  contains(message("lwf", [](auto& o) { o.memory = {MemoryBudget::Kind::per_class, 0, false}; }), "keeps nothing");
  contains(message("lwf", [](auto& o) { o.memory = {MemoryBudget::Kind::total, 3, false}; }), "give at least 4");
  contains(
      message("lwf", [](auto& o) { o.scenario.validation_fraction = 0, o.train.schedule = ScheduleKind::patience; }),
      "--validation");
  contains(message("lwff", [](auto&) {}), "did you mean 'lwf'?");
  contains(message("lwf", [](auto& o) { o.scenario.tasks = 9; }), "9");
  contains(message("lwf", [](auto& o) { o.scenario.base_classes = 99; }), "99");
  contains(message("lwf", [](auto& o) { o.scenario.stop_after = 3; }), "--stop-after 3");
  contains(message("lwf", [](auto& o) { o.scenario.order = "icral"; }), "icarl");
  contains(message("lwf", [](auto& o) { o.scenario.validation_fraction = 1; }), "1");
}

TEST_CASE("numbers that mean nothing are refused by the name of their flag") {
  using Change = std::function<void(ExperimentOptions&)>;
  const double no_number = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<std::string, Change>> wrong = {
      {"--epochs must be at least 1, got 0", [](auto& o) { o.train.epochs = 0; }},
      {"--base-epochs must be at least 0, got -1", [](auto& o) { o.train.base_epochs = -1; }},
      {"--batch-size must be at least 1, got 0", [](auto& o) { o.train.batch_size = 0; }},
      {"--lr must be more than 0, got 0", [](auto& o) { o.train.learning_rate = 0; }},
      {"--lr must be more than 0, got nan", [&](auto& o) { o.train.learning_rate = no_number; }},
      {"--lr must be more than 0, got inf", [&](auto& o) { o.train.learning_rate = infinity; }},
      {"--momentum must lie in [0, 1), got 1", [](auto& o) { o.train.sgd.momentum = 1; }},
      {"--weight-decay must be at least 0, got -0.5", [](auto& o) { o.train.sgd.weight_decay = -0.5; }},
      {"--clip-norm must be at least 0, got -1", [](auto& o) { o.train.clip_norm = -1; }},
      {"--clip-value must be at least 0, got -1", [](auto& o) { o.train.clip_value = -1; }},
      {"--lr-lag must be at least 0, got -1", [](auto& o) { o.train.schedule_lag = -1; }},
      {"--milestones must lie in (0, 1], got 80",
       [](auto& o) {
         o.train.milestones = {0.5, 80};
       }},
      {"--lr-gamma must be more than 0, got 0", [](auto& o) { o.train.lr_gamma = 0; }},
      {"--lr-factor must be more than 1, got 1", [](auto& o) { o.train.patience.factor = 1; }},
      {"--lr-patience must be at least 1, got 0", [](auto& o) { o.train.patience.patience = 0; }},
      {"--lr-min must be at least 0, got -1", [](auto& o) { o.train.patience.least = -1; }},
      {"--warmup-epochs must be at least 0, got -2", [](auto& o) { o.train.warmup_epochs = -2; }},
      {"--warmup-factor must be more than 0, got 0", [](auto& o) { o.train.warmup_factor = 0; }},
      {"--brightness must lie in [0, 1], got 1.5", [](auto& o) { o.train.augmentation.brightness = 1.5; }},
      {"--lambda must be at least 0, got -1", [](auto& o) { set_option(o.method_options, "--lambda", -1); }},
      {"--temperature must be more than 0, got 0", [](auto& o) { set_option(o.method_options, "--temperature", 0); }},
      {"unknown network 'resnet1'; did you mean 'resnet8'? Known: resnet8, resnet14, resnet20, resnet32, resnet44, "
       "resnet56, resnet110, resnet18, resnet34, resnet50",
       [](auto& o) { o.network.name = "resnet1"; }},
  };
  for (const auto& [expected, change] : wrong) {
    ExperimentOptions o = tiny_options("lwf");
    change(o);
    CHECK(refusal(o) == expected);
  }
}

}  // namespace
}  // namespace mneme::test
