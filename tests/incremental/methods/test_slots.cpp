// Tests of methods that a user composes slot by slot.

#include "incremental/methods/slots.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include <algorithm>

#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

using Names = std::vector<std::string>;

Names names_of(const std::vector<WeightedTerm>& terms) {
  Names names;
  for (const WeightedTerm& t : terms) names.push_back(t.name);
  return names;
}

Method chosen(const std::string& name, const SlotChoices& choices, const MethodOptions& options = {}) {
  Method method = make_method(name, options);
  apply(choices, options, method);
  return method;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST_CASE("without choices a method stays what it is") {
  const Method own = make_method("lucir", {}), same = chosen("lucir", {});
  CHECK(same.description == own.description);
  CHECK(names_of(same.prediction) == names_of(own.prediction));
  CHECK(names_of(same.distillation) == names_of(own.distillation));
}

TEST_CASE("a composition nobody published is named by its slots") {
  MethodOptions options;
  set_option(options, "--alpha", 0.5);
  const SlotChoices choices{
      .prediction = "balanced-softmax", .distillation = "less-forget,separated", .sampler = "ratio"};
  const Method method = chosen("lucir", choices, options);
  CHECK(names_of(method.prediction) == Names{"balanced-softmax", "margin"});
  CHECK(names_of(method.distillation) == Names{"less-forget distillation", "separated distillation"});
  CHECK(method.sampling.kind == Sampling::ratio);
  CHECK(has(method.description, "In place of its own classification loss: balanced-softmax."));
  CHECK(has(method.description, "In place of its own distillation: less-forget,separated."));
  CHECK(has(method.description, "In place of its own sampler: ratio."));

  ExperimentOptions o = tiny_options_for("lucir");
  o.slots = choices;
  o.method_options = options;
  const Finished run = finish(o);
  CHECK(run.result.description == method.description);
  CHECK(run.result.settings["method"]["prediction"] == "balanced-softmax");
  CHECK(run.result.settings["method"]["distill"] == "less-forget,separated");
  CHECK(run.result.settings["method"]["sampler"] == "ratio");
}

TEST_CASE("a slot that exists as prediction and as distillation has two names in the terms of the loss") {
  for (const char* slot : {"separated", "binary"}) {
    const Method method = chosen("lwf", {.prediction = slot, .distillation = slot});
    CHECK(names_of(method.prediction) == Names{slot});
    CHECK(names_of(method.distillation) == Names{slot + std::string(" distillation")});
  }
}

TEST_CASE("pods and proxies fit other methods, the pods' weights growing with the share of all classes") {
  const Method method = chosen("lucir", {.prediction = "nca", .distillation = "less-forget,pod-flat,pod-spatial"});
  CHECK(names_of(method.prediction) == Names{"nca", "margin"});
  CHECK((method.distillation[0].growth == nullptr));
  CHECK((method.distillation[1].growth == all_per_new));
  CHECK((method.distillation[2].growth == all_per_new));
  MethodOptions fixed;
  set_option(fixed, "--fixed-lambda", true);
  CHECK((chosen("lucir", {.distillation = "pod-flat"}, fixed).distillation[0].growth == nullptr));

  ExperimentOptions o = tiny_options_for("lucir");
  o.classifier = ClassifierKind::proxies;
  set_option(o.method_options, "--imprint", true);
  o.slots = {.prediction = "nca", .distillation = "less-forget,pod-flat,pod-spatial"};
  const Finished run = finish(o);
  CHECK(run.states[0].at("heads.0.weight").size() == 2 * 10 * 64);
  CHECK(run.result.settings["network"]["classifier"] == "proxies");
}

TEST_CASE("a learned alpha brings its held-out images along") {
  const Method method = chosen("lucir", {.prediction = "learned-balanced-softmax"});
  CHECK(method.hold_out == HoldOut::for_the_task);
  CHECK(method.validation_exemplars == doctest::Approx(.1));
  CHECK(method.exemplars == ExemplarNeed::required);
}

TEST_CASE("the second stage is balanced finetuning by cross-entropy alone, or none") {
  MethodOptions options;
  set_option(options, "--balanced-epochs", 4);
  TaskContext task;
  task.task = 1;
  task.task_sizes = {2, 2};
  task.has_exemplars = true;
  const std::vector<Stage> stages = stages_of(chosen("il-baseline", {.second_stage = "balanced"}, options), {}, task);
  REQUIRE(stages.size() == 2);
  CHECK(stages[1].options.epochs == 4);
  CHECK(stages[1].images == StageImages::balanced);
  CHECK(stages[1].objective.distillation.empty());
  CHECK_FALSE(stages[1].trainable_parts.backbone);
  CHECK(stages_of(chosen("eeil", {.second_stage = "none"}), {}, task).size() == 1);
}

TEST_CASE("a sampler acts in the main stage alone") {
  TaskContext task;
  task.task = 1;
  task.task_sizes = {2, 2};
  task.has_exemplars = true;
  TrainOptions options;
  options.warmup_epochs = 1;
  const SlotChoices choices{.sampler = "classes", .second_stage = "balanced"};
  const std::vector<Stage> stages = stages_of(chosen("il-baseline", choices), options, task);
  REQUIRE(stages.size() == 3);
  CHECK(stages[0].sampling.kind == Sampling::shuffled);
  CHECK(stages[1].sampling.kind == Sampling::classes);
  CHECK(stages[2].sampling.kind == Sampling::shuffled);
}

TEST_CASE("unknown names are answered with the nearest") {
  const auto said = [](const SlotChoices& choices) -> std::string {
    try {
      chosen("lwf", choices);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "accepted";
  };
  CHECK(has(said({.prediction = "balanced-softmaxx"}), "did you mean 'balanced-softmax'?"));
  CHECK(has(said({.distillation = "joint,less-forgett"}), "did you mean 'less-forget'?"));
  CHECK(has(said({.distillation = "joint,"}), "unknown distillation ''"));
  CHECK(has(said({.second_stage = "balance"}), "did you mean 'balanced'?"));
  CHECK(has(said({.sampler = "memry"}), "did you mean 'memory'?"));
}

}  // namespace
}  // namespace mneme::test
