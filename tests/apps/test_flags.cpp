// Tests that every flag of the programs changes its own key of run.json and no other, unless run.json does not record
// the flag.

#include <doctest/doctest.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "apps/command_line/command_line.h"
#include "apps/common/flags.h"
#include "apps/common/help.h"
#include "data/datasets/generated.h"
#include "engine/precision.h"
#include "incremental/experiment/settings.h"
#include "tests/apps/resolve_alone.h"

namespace mneme::test {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;
using Keys = std::set<std::string>;

Flags flags_of(const Words& words) {
  Flags flags;
  CLI::App app;
  add_flags(app, flags);
  const bool parsed = parse_arguments(app, words);  // not inside REQUIRE, which would catch the error that tests expect
  REQUIRE(parsed);
  resolve_alone(flags);
  return flags;
}

/// The values of run.json by their paths. An array counts as one value.
void add_leaves(const std::string& path, const json& value, std::map<std::string, json>& leaves) {
  if (!value.is_object()) {
    leaves[path] = value;
    return;
  }
  for (const auto& [key, part] : value.items()) add_leaves(path.empty() ? key : path + "." + key, part, leaves);
}

std::map<std::string, json> settings_of(const Words& words) {
  static const OwnedDataset data = generate_images({.classes = 20, .train_per_class = 4, .seed = 1});
  const ExperimentOptions o = flags_of(words).experiment;
  json settings = mneme::settings_of(o, data_settings(data), make_scenario(data, o.scenario, o.seed));
  settings.erase("protocol");  // a hash of the other keys
  std::map<std::string, json> leaves;
  add_leaves("", settings, leaves);
  return leaves;
}

Keys changed(const Words& base, const Words& more) {
  Words all = base;
  all.insert(all.end(), more.begin(), more.end());
  const std::map<std::string, json> before = settings_of(base), after = settings_of(all);
  Keys keys;
  for (const auto& [key, value] : after)
    if (const auto was = before.find(key); was == before.end() || was->second != value) keys.insert(key);
  for (const auto& [key, value] : before)
    if (!after.contains(key)) keys.insert(key);
  return keys;
}

struct Case {
  Words words;  ///< the flag with a value that is not the default
  Keys keys;    ///< the keys of run.json that change
  Words base = {};
};

const Words patience = {"--schedule", "patience"}, total = {"--memory-total", "40"},
            gas = {"--memory-total", "40", "--selection", "neural-gas"}, grid = {"--grid-search-tasks", "1"};

/// The flags that are declared one by one. The flags of method options follow from the rows of the methods.
const std::vector<Case> cases = {
    {{"--method", "lwf-s"}, {"method.name"}, {"--method", "lwf"}},
    {{"--prediction", "cross-entropy"}, {"method.prediction"}},
    {{"--distill", "none"}, {"method.distill"}},
    {{"--sampler", "memory"}, {"method.sampler"}},
    {{"--second-stage", "none"}, {"method.second_stage"}},
    {{"--predict-by", "nearest-mean"}, {"task_agnostic_prediction"}},
    {{"--multi-softmax"}, {"task_agnostic_prediction"}},
    {{"--classifier", "cosine"}, {"network.classifier"}},
    {{"--tasks", "2"}, {"classes_per_task", "tasks_to_run"}, {"--tasks", "4"}},
    {{"--base-classes", "8"}, {"classes_per_task"}, {"--tasks", "4"}},
    {{"--order", "identity"}, {"class_order"}},
    {{"--validation", "0.25"}, {"validation_fraction"}},
    {{"--stop-after", "1"}, {"tasks_to_run"}},
    {{"--augmentation", "none"}, {"training.augmentation.crop", "training.augmentation.flip"}},
    {{"--no-flip"}, {"training.augmentation.flip"}},
    {{"--brightness", "0.5"}, {"training.augmentation.brightness"}},
    {{"--epochs", "7"}, {"training.epochs"}, {"--base-epochs", "5"}},
    {{"--base-epochs", "7"}, {"training.base_epochs"}},
    {{"--batch-size", "7"}, {"training.batch_size"}},
    {{"--drop-last"}, {"training.drop_last"}},
    {{"--later-divisor", "2"}, {"training.later_divisor"}},
    {{"--lr", "0.7"}, {"training.schedule.lr"}},
    {{"--lr-by-task"}, {"training.lr_by_task"}},
    {{"--schedule", "constant"},
     {"training.schedule.kind", "training.schedule.milestones", "training.schedule.lr_gamma"}},
    {{"--milestones", "0.7"}, {"training.schedule.milestones"}},
    {{"--lr-gamma", "0.7"}, {"training.schedule.lr_gamma"}},
    {{"--lr-lag", "1"}, {"training.schedule.lr_lag"}, {"--schedule", "cosine"}},
    {{"--lr-patience", "7"}, {"training.schedule.lr_patience"}, patience},
    {{"--lr-factor", "7"}, {"training.schedule.lr_factor"}, patience},
    {{"--lr-min", "0.007"}, {"training.schedule.lr_min"}, patience},
    {{"--momentum", "0.7"}, {"training.momentum"}},
    {{"--keep-momentum"}, {"training.keep_momentum"}},
    {{"--weight-decay", "0.7"}, {"training.weight_decay"}},
    {{"--nesterov"}, {"training.nesterov"}},
    {{"--clip-norm", "7"}, {"training.clip_norm"}},
    {{"--clip-value", "7"}, {"training.clip_value"}},
    {{"--warmup-epochs", "7"}, {"training.warmup_epochs"}},
    {{"--warmup-factor", "0.7"}, {"training.warmup_factor"}},
    {{"--fix-bn"}, {"training.fix_bn"}},
    {{"--network", "resnet56"}, {"network.name"}},
    {{"--shortcut", "zero-pad"}, {"network.shortcut"}},
    {{"--seed", "7"}, {"seed"}, {"--order", "identity"}},
    {{"--grid-search-tasks", "2"}, {"grid_search.tasks"}, grid},
    {{"--grid-first-lrs", "0.7"}, {"grid_search.first_lrs"}, grid},
    {{"--grid-lrs", "0.007"}, {"grid_search.lrs"}, grid},
    {{"--grid-lrs-tried", "1"}, {"grid_search.lrs_tried"}, grid},
    {{"--grid-drop", "0.7"}, {"grid_search.drop"}, grid},
    {{"--grid-decay", "0.7"}, {"grid_search.decay"}, grid},
    {{"--grid-tries", "3"}, {"grid_search.tries"}, grid},
    {{"--memory-total", "41"}, {"memory.images"}, total},
    {{"--memory-per-class", "3"}, {"memory.images"}, {"--memory-per-class", "2"}},
    {{"--selection", "random"}, {"memory.selection"}, total},
    {{"--memory-round-up"}, {"memory.round_up"}, total},
    {{"--memory-fill"}, {"memory.fill"}, total},
    {{"--memory-shared-by", "8"}, {"memory.shared_by"}, total},
    {{"--reselect-old"}, {"memory.reselect_old"}, total},
    {{"--gas-step", "0.7"}, {"memory.gas.step"}, gas},
    {{"--gas-decay", "0.7"}, {"memory.gas.decay"}, gas},
    {{"--gas-epochs", "7"}, {"memory.gas.epochs"}, gas},
    {{"--device", "reference"}, {"device", "backend"}, {"--device", "cpu"}},
};

/// Flags that run.json does not record: they decide what is done with the results, or how fast a run is; or they name
/// data, presets and other runs, which run.json describes only when they are read.
const Keys not_recorded = {"--help",
                           "--list-methods",
                           "--list-presets",
                           "--preset",
                           "--data",
                           "--aux-data",
                           "--config",
                           "--print-config",
                           "--reference",
                           "--forward-transfer",
                           "--first-task-from",
                           "--exemplars-from",
                           "--pretrained",
                           "--pretrained-head",
                           "--seeds",
                           "--jobs",
                           "--only-seed",
                           "--against",
                           "--mixed",
                           "--threads",
                           "--precision",
                           "--capture-steps",
                           "--deterministic",
                           "--verify-determinism",
                           "--dry-run",
                           "--plan",
                           "--out",
                           "--overwrite",
                           "--resume",
                           "--no-models",
                           "--quiet",
                           "--generated-classes",
                           "--generated-per-class",
                           "--generated-seed",
                           "--exact-convolutions",
                           "--flip"};

TEST_CASE("every flag that decides results changes exactly its key of run.json") {
  for (const auto& [words, keys, base] : cases) {
    CAPTURE(words[0]);
    CHECK(fmt::format("{}", fmt::join(changed(base, words), " ")) == fmt::format("{}", fmt::join(keys, " ")));
  }
}

/// The settings of a command line that run.json does not record.
std::map<std::string, std::string> beside_run_json(const Words& words) {
  Flags f;
  CLI::App app;
  add_flags(app, f);
  const bool parsed = parse_arguments(app, words);
  REQUIRE(parsed);
  const auto maybe = [](const auto& value) { return value ? fmt::format("{}", *value) : "none"; };
  return {{"data", f.data.string()},
          {"aux-data", f.auxiliary},
          {"out", f.out.string()},
          {"overwrite", f.overwrite ? "yes" : "no"},
          {"resume", f.resume ? "yes" : "no"},
          {"quiet", f.quiet ? "yes" : "no"},
          {"list-methods", f.list_methods ? "yes" : "no"},
          {"list-presets", f.list_presets ? "yes" : "no"},
          {"dry-run", f.dry_run ? "yes" : "no"},
          {"verify-determinism", f.verify_determinism ? "yes" : "no"},
          {"threads", std::to_string(f.machine.threads)},
          {"exact-convolutions", f.machine.exact_convolutions ? "yes" : "no"},
          {"deterministic", f.machine.deterministic ? "yes" : "no"},
          {"precision", maybe(f.machine.precision)},
          {"capture-steps", maybe(f.machine.capture_steps)},
          {"generated-classes", std::to_string(f.generated_classes)},
          {"generated-per-class", std::to_string(f.generated_per_class)},
          {"generated-seed", std::to_string(f.generated_seed)},
          {"seeds", fmt::format("{}", fmt::join(f.seeds, ","))},
          {"jobs", std::to_string(f.jobs)},
          {"only-seed", maybe(f.only_seed)},
          {"against", f.against.string()},
          {"mixed", f.mixed ? "yes" : "no"},
          {"no-models", f.no_models ? "yes" : "no"},
          {"flip", f.flip ? "yes" : "no"},
          {"preset", f.experiment.preset},
          {"seed", std::to_string(f.experiment.seed)},
          {"first-task-from", f.experiment.first_task_from.string()},
          {"exemplars-from", f.experiment.exemplars_from.string()},
          {"pretrained", f.pretrained.string()},
          {"pretrained-head", f.pretrained_head ? "yes" : "no"},
          {"reference", f.experiment.reference.string()},
          {"forward-transfer", f.experiment.forward_transfer ? "yes" : "no"},
          {"print-config", f.print_config ? "yes" : "no"}};
}

TEST_CASE("every flag that run.json does not tell of sets exactly its own value") {
  const std::vector<Words> set = {{"--data", "here"},
                                  {"--aux-data", "generated"},
                                  {"--out", "there"},
                                  {"--overwrite"},
                                  {"--resume"},
                                  {"--quiet"},
                                  {"--list-methods"},
                                  {"--list-presets"},
                                  {"--dry-run"},
                                  {"--verify-determinism"},
                                  {"--threads", "3"},
                                  {"--exact-convolutions"},
                                  {"--deterministic"},
                                  {"--precision", "fp32"},
                                  {"--capture-steps", "never"},
                                  {"--generated-classes", "7"},
                                  {"--generated-per-class", "7"},
                                  {"--generated-seed", "7"},
                                  {"--seeds", "5,6"},
                                  {"--jobs", "2"},
                                  {"--only-seed", "7"},
                                  {"--against", "others"},
                                  {"--mixed"},
                                  {"--no-models"},
                                  {"--preset", "any"},
                                  {"--first-task-from", "a"},
                                  {"--exemplars-from", "b"},
                                  {"--pretrained", "d"},
                                  {"--pretrained-head"},
                                  {"--reference", "c"},
                                  {"--forward-transfer"},
                                  {"--print-config"}};
  const std::map<std::string, std::string> before = beside_run_json({});
  Keys tested = {"--help", "--config", "--plan", "--flip"};  // --plan is --dry-run, --flip the default
  for (const Words& words : set) {
    CAPTURE(words[0]);
    tested.insert(words[0]);
    const std::map<std::string, std::string> after = beside_run_json(words);
    const std::string key = words[0].substr(2);
    for (const auto& [name, value] : before) {
      CAPTURE(name);
      CHECK((after.at(name) != value) == (name == key));
    }
    CHECK(after.at(key) == (words.size() > 1 ? words[1] : "yes"));
  }
  CHECK(beside_run_json({"--no-flip"}).at("flip") == "no");
  CHECK(beside_run_json({"--plan"}).at("dry-run") == "yes");
  CHECK(fmt::format("{}", fmt::join(tested, " ")) == fmt::format("{}", fmt::join(not_recorded, " ")));
}

TEST_CASE("every flag is in this file's tables, or is an option of a method that changes its key") {
  Keys tested = not_recorded;
  for (const Case& c : cases) tested.insert(c.words[0]);
  for (const Option& option : all_options()) tested.insert(option.flag);
  Flags flags;
  CLI::App app;
  add_flags(app, flags);
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) CHECK_MESSAGE(tested.contains("--" + name), name);
}

TEST_CASE("the command line and a file reach a method's options by the rows") {
  CHECK(changed({"--method", "rwalk"}, {"--damping", "0.7"}) == Keys{"method.damping"});
  CHECK(changed({"--method", "rwalk"}, {"--fisher-labels", "drawn"}) == Keys{"method.fisher_labels"});
  CHECK(changed({"--method", "lucir"}, {"--imprint"}) == Keys{"method.imprint"});
  CHECK(changed({"--method", "lucir"}, {"--margin-classes=7"}) == Keys{"method.margin_classes"});
  CHECK(changed({}, {"--lambda", "7"}) == Keys{"method.lambda"});
  // The last value on the command line counts.
  CHECK(changed({"--lambda", "7"}, {"--lambda", "8"}) == Keys{"method.lambda"});
}

TEST_CASE("an option of another method is remarked on, and its users are named") {
  CHECK(flags_of({"--method", "lwf", "--vertices", "7"}).experiment.remarks ==
        std::vector<std::string>{"--vertices has no effect on lwf: it belongs to tpcil, --distill topology "
                                 "(--help-method lwf shows what lwf takes)"});
  CHECK(flags_of({"--method", "lwf", "--distill", "topology", "--vertices", "7"}).experiment.remarks.empty());
}

TEST_CASE("an empty value is refused whatever the flag's kind") {
  for (const char* flag : {"--weight-decay", "--data", "--seeds", "--epochs", "--order", "--milestones", "--lambda",
                           "--out", "--only-seed"}) {
    CAPTURE(flag);
    CHECK_THROWS_WITH_AS((void)flags_of({flag, ""}), doctest::Contains("the value is empty"), UsageError);
    CHECK_THROWS_WITH_AS((void)flags_of({flag, "", flag, "1"}), doctest::Contains("the value is empty"), UsageError);
  }
}

TEST_CASE("whole numbers are decimal, and none is clamped to 64 bits") {
  CHECK(flags_of({"--epochs", "010"}).experiment.train.epochs == 10);
  CHECK(flags_of({"--seed", "000"}).experiment.seed == 0);
  CHECK(flags_of({"--seeds", "08,009"}).seeds == std::vector<uint64_t>{8, 9});
  CHECK(flags_of({"--seed", "18446744073709551615"}).experiment.seed == ~uint64_t{0});
  for (const Words& words : {Words{"--seed", "18446744073709551616"},
                             {"--seeds", "1,18446744073709551616"},
                             {"--seeds", "-1"},
                             {"--epochs", "9223372036854775808"},
                             {"--epochs", "4294967297"}}) {
    CAPTURE(words[1]);
    CHECK_THROWS_WITH_AS((void)flags_of(words), doctest::Contains(words[0].c_str()), UsageError);
  }
}

TEST_CASE("a number in hexadecimal notation is refused, whole or not") {
  for (const Words& words : {Words{"--epochs", "0x10"},
                             {"--seed", "0X1"},
                             {"--seeds", "1,0x2"},
                             {"--lr", "0x1p-3"},
                             {"--weight-decay", "-0x1"},
                             {"--milestones", "0.5,0x1"}}) {
    CAPTURE(words[1]);
    CHECK_THROWS_WITH_AS((void)flags_of(words), doctest::Contains("number, got '"), UsageError);
    CHECK_THROWS_WITH_AS((void)flags_of(words), doctest::Contains(words[0].c_str()), UsageError);
  }
  CHECK(flags_of({"--order", "0x10"}).experiment.scenario.order == "0x10");  // a name
}

TEST_CASE("a list with an empty place is refused and not shortened") {
  for (const char* list : {"1,,2", ",1", "1,2,", ","}) {
    CAPTURE(list);
    const std::string joined = std::string("--seeds=") + list;
    for (const Words& words : {Words{"--seeds", list}, Words{joined}})
      CHECK_THROWS_WITH_AS((void)flags_of(words), doctest::Contains("--seeds: a place of the list"), UsageError);
  }
  for (const char* flag : {"--milestones", "--grid-lrs", "--grid-first-lrs"})
    CHECK_THROWS_WITH_AS((void)flags_of({flag, "0.5,,0.75"}), doctest::Contains(flag), UsageError);
}

TEST_CASE("an error in a flag that no help shows names it") {
  CHECK_THROWS_WITH_AS((void)flags_of({"--only-seed", ""}), doctest::Contains("--only-seed: the value is empty"),
                       UsageError);
  CHECK_THROWS_WITH_AS((void)flags_of({"--only-seed", "0x1"}), doctest::Contains("--only-seed: takes a whole number"),
                       UsageError);
}

TEST_CASE("seeds that differ in their upper half order the classes differently") {
  const auto order = [](const char* seed) {
    return settings_of({"--order", "shuffled", "--seed", seed})["class_order"];
  };
  CHECK(order("7") != order("4294967303"));
  CHECK(order("7") != order("9223372036854775815"));
}

TEST_CASE("--help-method shows a method's formula, source and options alone") {
  const std::string text = method_help("mas");
  for (const char* part : {"mas: memory aware synapses", "Omega = mean |d ||Z||^2 / d theta_k|", "Aljundi et al.",
                           "docs/methods/importance-regularisers.md#mas", "--lambda ", "--importance-alpha [0.5]"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
  CHECK(text.find("--damping") == std::string::npos);
  CHECK_THROWS_WITH_AS((void)method_help("lwff"), doctest::Contains("did you mean 'lwf'?"), UsageError);
}

}  // namespace
}  // namespace mneme::test
