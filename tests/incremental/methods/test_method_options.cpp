// Tests of the methods' options: their ranges, the methods that take them, and that run.json records each of them.

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "incremental/experiment/settings.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

/// The options of an experiment that uses this option: by a method that takes it, or by the sampler that takes it.
ExperimentOptions with_user_of(const std::string& flag) {
  for (const MethodInfo& method : all_methods())
    for (const Option& option : method.options)
      if (option.flag == flag) return tiny_options(method.name);
  ExperimentOptions o = tiny_options("il-baseline");
  o.slots.sampler = "ratio";
  return o;
}

TEST_CASE("values that mean nothing are refused by the name of their flag") {
  struct Case {
    const char *flag, *value, *range;
  };
  const std::vector<Case> wrong = {
      {"--lambda", "-1", "be at least 0"},
      {"--temperature", "0", "be more than 0"},
      {"--eps", "-1", "be at least 0"},
      {"--sr-joint", "-1", "be at least 0"},
      {"--bsr-binary", "-1", "be at least 0"},
      {"--attention-weight", "-1", "be at least 0"},
      {"--alpha", "0", "be more than 0"},
      {"--alpha-lr", "-1", "be at least 0"},
      {"--alpha-period", "0", "be at least 1"},
      {"--freeze-after", "-2", "be at least -1"},
      {"--gamma1", "-0.5", "be at least 0"},
      {"--gamma-binary", "-0.5", "be at least 0"},
      {"--margin-weight", "-1", "be at least 0"},
      {"--margin", "-1", "be at least 0"},
      {"--margin-classes", "0", "be at least 1"},
      {"--balanced-epochs", "-1", "be at least 0"},
      {"--balanced-lr", "0", "be more than 0"},
      {"--flat-weight", "-1", "be at least 0"},
      {"--vertices", "2", "be at least 3"},
      {"--delta", "-1", "be at least 0"},
      {"--exemplar-lr", "-1", "be at least 0"},
      {"--exemplar-step", "-1", "be at least 0"},
      {"--exemplar-epochs", "0", "be at least 1"},
      {"--importance-alpha", "-0.5", "lie in [0, 1]"},
      {"--damping", "0", "be more than 0"},
      {"--importance-images", "-1", "be at least 0"},
      {"--finetuning-lr-factor", "0", "be more than 0"},
      {"--finetuning-epochs", "-1", "be at least 0"},
      {"--validation-exemplars", "1", "lie in [0, 1)"},
      {"--bias-epochs", "-1", "be at least 0"},
      {"--replay-batch", "0", "be at least 1"},
      {"--replay-share", "1", "lie in (0, 1)"},
      {"--aux-batch-size", "0", "be at least 1"},
  };
  for (const auto& [flag, value, range] : wrong) {
    ExperimentOptions o = with_user_of(flag);
    set_option(o.method_options, flag, std::string(value));
    CHECK_THROWS_WITH_AS(check_ranges(o), fmt::format("{} must {}, got {}", flag, range, value).c_str(), UsageError);
  }
  ExperimentOptions o = tiny_options("ewc");
  set_option(o.method_options, "--importance-alpha", -1);  // -1 means the share of the old classes
  CHECK_NOTHROW(check_ranges(o));
  set_option(o.method_options, "--lambda", std::string("inf"));
  CHECK_THROWS_AS(check_ranges(o), UsageError);
}

TEST_CASE("text that is not of an option's kind is refused") {
  MethodOptions m;
  const auto refuses = [&](const char* flag, const char* text, const char* message) {
    CHECK_THROWS_WITH_AS(set_option(m, flag, std::string(text)), message, UsageError);
  };
  refuses("--lambda", "much", "--lambda takes a number, got 'much'");
  refuses("--lambda", "1x", "--lambda takes a number, got '1x'");
  refuses("--vertices", "3.5", "--vertices takes a whole number, got '3.5'");
  refuses("--imprint", "maybe", "--imprint takes true or false, got 'maybe'");
  CHECK_THROWS_WITH_AS(set_option(m, "--fisher-labels", std::string("tru")), doctest::Contains("'true'"), UsageError);
  CHECK_THROWS_WITH_AS(set_option(m, "--lamda", 1), doctest::Contains("did you mean '--lambda'?"), UsageError);
}

/// A value of this option that is not the default, as text.
std::string other_value(const Option& option) {
  const nlohmann::json now = option.value({});
  if (option.kind == Option::Kind::on_off) return "true";
  if (option.kind == Option::Kind::text) return std::string(option.flag) == "--alpha-optimizer" ? "sgd" : "drawn";
  if (option.kind == Option::Kind::whole) return fmt::format("{}", now.get<int>() + 7);
  return now.is_null() ? "0.75" : fmt::format("{}", now.get<double>() * 0.75 + 0.015625);
}

/// The keys below `method` in run.json whose values differ.
std::set<std::string> changed_keys(const nlohmann::json& before, const nlohmann::json& after) {
  std::set<std::string> keys;
  for (const auto& [key, value] : after.items())
    if (!before.contains(key) || before[key] != value) keys.insert(key);
  for (const auto& [key, value] : before.items())
    if (!after.contains(key)) keys.insert(key);
  return keys;
}

TEST_CASE("every option of every method changes exactly its key of run.json, and no other option of any method") {
  const ResidentDataset data = tiny_data();
  const auto settings = [&](const ExperimentOptions& o) {
    return settings_of(o, data_settings(data), make_scenario(data, o.scenario, 1))["method"];
  };
  const std::vector<Option> all = all_options();
  for (const MethodInfo& method : all_methods()) {
    ExperimentOptions plain;  // all options at their defaults
    plain.method = method.name;
    plain.scenario.tasks = 2;
    const nlohmann::json before = settings(plain);
    for (const Option& option : method.options) {
      CAPTURE(method.name);
      CAPTURE(std::string(option.flag));
      ExperimentOptions o = plain;
      option.read(option, o.method_options, other_value(option));
      std::string key = std::string(option.flag).substr(2);
      std::ranges::replace(key, '-', '_');
      CHECK(changed_keys(before, settings(o)) == std::set<std::string>{key});
      for (const Option& other : all)
        CHECK_MESSAGE((other.value(o.method_options) != other.value({})) == (std::string(other.flag) == option.flag),
                      std::string(other.flag));
    }
  }
}

TEST_CASE("run.json tells of the chosen method's options, and not of other methods'") {
  const ResidentDataset data = tiny_data();
  const auto keys = [&](const ExperimentOptions& o) {
    const nlohmann::json method = settings_of(o, data_settings(data), make_scenario(data, o.scenario, 1))["method"];
    std::set<std::string> names;
    for (const auto& [key, value] : method.items()) names.insert(key);
    return names;
  };
  using Keys = std::set<std::string>;
  ExperimentOptions o = tiny_options("lwf-sr");
  CHECK(keys(o) == Keys{"name", "temperature", "eps", "sr_joint"});
  set_option(o.method_options, "--margin", 3);
  CHECK(keys(o) == Keys{"name", "temperature", "eps", "sr_joint"});
  o.slots = {.prediction = "nca", .sampler = "ratio"};
  CHECK(keys(o) == Keys{"name", "temperature", "eps", "sr_joint", "delta", "as_released", "replay_share", "prediction",
                        "sampler"});
}

TEST_CASE("an option that neither the method nor a chosen slot uses is remarked on once, and its users are named") {
  const auto silent = [](const std::vector<std::string>& flags, const std::string& method, const SlotChoices& slots) {
    return remarks_on_unused(flags, method, slots).empty();
  };
  CHECK(silent({"--margin", "--lambda"}, "lucir", {}));
  CHECK(silent({"--alpha"}, "lwf", {.prediction = "balanced-softmax"}));
  CHECK(silent({"--vertices"}, "lwf", {.distillation = "joint,topology"}));
  CHECK(silent({"--replay-batch"}, "lwf", {.sampler = "split"}));
  CHECK(silent({"--balanced-lr"}, "lwf", {.second_stage = "balanced"}));
  CHECK_FALSE(silent({"--replay-share"}, "lwf", {.sampler = "split"}));
  CHECK_FALSE(silent({"--balanced-lr"}, "lwf", {.second_stage = "none"}));
  CHECK(
      remarks_on_unused({"--damping", "--lambda", "--damping"}, "lwf", {}) ==
      std::vector<std::string>{"--damping has no effect on lwf: it belongs to si, rwalk (--help-method lwf shows what "
                               "lwf takes)"});
  CHECK(users_of("--gamma1") == "lucir-s, lucir-sr, lucir-bsr");
  CHECK(users_of("--attention-weight") == "lwm*");
  CHECK(users_of("--vertices") == "tpcil, --distill topology");
}

TEST_CASE("a method is refused whose name is taken, or whose flag already is another option") {
  struct Own {
    double margin = 0;
  };
  const auto make_finetuning = [](const MethodOptions& options) { return make_method("finetuning", options); };
  constexpr Option margin = option<&Own::margin>("--margin", "Another margin");
  CHECK_THROWS_WITH_AS(register_method({"lwf", "", "", "", {}, make_finetuning}),
                       "there is a method 'lwf' already: register yours under another name", Error);
  CHECK_THROWS_WITH_AS(register_method({"another", "", "", "", {margin}, make_finetuning}),
                       doctest::Contains("method 'another': --margin already is an option of 'lucir'"), Error);
  CHECK(std::ranges::none_of(all_methods(), [](const MethodInfo& method) { return method.name == "another"; }));
}

TEST_CASE("every method tells its formula and its source") {
  for (const MethodInfo& method : all_methods()) {
    CAPTURE(method.name);
    CHECK_FALSE(method.formula.empty());
    CHECK_FALSE(method.source.empty());
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
