#include <doctest/doctest.h>
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "apps/command_line/command_line.h"
#include "apps/presets/balanced_presets.h"
#include "apps/presets/cifar100_presets.h"
#include "apps/presets/large_presets.h"
#include "apps/presets/svhn_presets.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/training/grid_search.h"
#include "tests/apps/preset_flags.h"
#include "tests/apps/resolve_alone.h"

namespace mneme::test {
namespace {

TEST_CASE("every preset is a command line without contradictions, for a method that exists") {
  std::set<std::string> names;
  for (const Preset& preset : cifar100_presets()) {
    CAPTURE(preset.name);
    const Flags flags = flags_of(preset);
    CHECK_NOTHROW(check_ranges(flags.experiment));
    const Method method = make_method(flags.experiment.method, flags.experiment.method_options);
    const bool remembers = flags.experiment.memory.images > 0;
    CHECK_FALSE((method.exemplars == ExemplarNeed::required && !remembers));
    CHECK_FALSE((method.exemplars == ExemplarNeed::forbidden && remembers));
    CHECK(split_classes(100, flags.experiment.scenario.tasks, flags.experiment.scenario.base_classes).size() > 1);
    names.insert(preset.name);
  }
  CHECK(names.size() == cifar100_presets().size());
}

TEST_CASE("what a preset publishes is a number every run computes, as a fraction of one") {
  RunResult run;
  run.classes_per_task = {1, 1};
  run.task_aware = run.task_agnostic = AccuracyMatrix({{1}, {0.5, 1}});
  const std::vector<KeyNumber> numbers = key_numbers(run);
  for (const Preset& preset : cifar100_presets()) {
    CAPTURE(preset.name);
    const bool protocol = (preset.name.starts_with("facil-") && preset.name != "facil-survey-lwf") ||
                          preset.summary.find("not published") != std::string::npos;
    CHECK(preset.rows.empty() == protocol);
    for (const PublishedNumber& number : published_numbers(preset)) {
      CHECK_NOTHROW((void)find_number(numbers, number.key));
      CHECK(number.value > 0);
      CHECK(number.value < 1);
      CHECK_FALSE(number.source.empty());
    }
    for (const TableRow& row : preset.rows)
      for (const PublishedCurve& curve : row.curves) {
        CHECK_MESSAGE(summary(run).contains(curve.key), curve.key);
        CHECK(curve.values.size() <= static_cast<size_t>(flags_of(preset).experiment.scenario.tasks));
      }
  }
}

TEST_CASE("the balanced-softmax rows run the paper's protocol") {
  const Flags f = flags_of(preset_named("il-baseline-balanced-5-steps-alpha-0.25", cifar100_presets()));
  const ExperimentOptions& e = f.experiment;
  CHECK(e.method == "il-baseline-balanced");
  CHECK(option_value(e.method_options, "--alpha") == 0.25);
  const auto alpha_rate = [](const std::vector<Preset>& presets) {
    const Words& words = preset_named("il-baseline-meta-10-steps", presets).flags;
    const auto value_of = [&](const char* flag) { return *std::next(std::ranges::find(words, flag)); };
    CHECK(value_of("--alpha-optimizer") == "adam");
    return value_of("--alpha-lr");
  };
  CHECK(alpha_rate(cifar100_presets()) == "0.01");
  CHECK(alpha_rate(imagenet100_presets()) == "0.001");
  CHECK(alpha_rate(imagenet_presets()) == "0.001");
  CHECK(split_classes(100, e.scenario.tasks, e.scenario.base_classes) == std::vector<int>{50, 10, 10, 10, 10, 10});
  CHECK(e.scenario.order == "icarl");
  CHECK(e.train.epochs == 250);
  CHECK(e.train.batch_size == 128);
  CHECK(e.train.schedule == ScheduleKind::steps);
  CHECK(e.train.milestones == std::vector<double>{0.4, 0.6, 0.8});  // the rate falls at the epochs 100, 150 and 200
  CHECK(e.train.sgd.momentum == 0.9);
  CHECK(e.train.sgd.weight_decay == 2e-4);
  CHECK(e.memory.kind == MemoryBudget::Kind::per_class);
  CHECK(e.memory.images == 20);
  CHECK(e.network.name == "resnet32");
}

TEST_CASE("Table 4's corrections are slots of il-baseline, and LUCIR's rows run its own protocol") {
  const auto options = [](const char* name) { return flags_of(preset_named(name, cifar100_presets())).experiment; };
  CHECK(options("il-baseline-5-steps-class-oversampling").slots.sampler == "classes");
  CHECK(options("il-baseline-5-steps-loss-rescaling").slots.prediction == "rescaled");
  CHECK(options("il-baseline-5-steps-balanced-finetuning").slots.second_stage == "balanced");
  const ExperimentOptions separated = options("il-baseline-5-steps-separated-softmax");
  CHECK(separated.slots.prediction == "separated");
  CHECK(separated.slots.sampler == "memory");
  CHECK(options("il-baseline-meta-5-steps-memory-50").memory.images == 50);
  const ExperimentOptions lucir = options("lucir-balanced-10-steps");
  CHECK(lucir.train.epochs == 160);
  CHECK(lucir.train.milestones == std::vector<double>{0.5, 0.75});  // the rate falls at the epochs 80 and 120
  CHECK(lucir.train.sgd.weight_decay == 5e-4);
  CHECK(option_value(lucir.method_options, "--imprint") == true);
  CHECK(lucir.scenario.tasks == 11);
}

TEST_CASE("PODNet's rows run the protocol of its code") {
  for (const std::string name : {"podnet-5-steps", "podnet-balanced-10-steps", "podnet-no-jitter-5-steps"}) {
    CAPTURE(name);
    const ExperimentOptions e = flags_of(preset_named(name, cifar100_presets())).experiment;
    CHECK(e.train.epochs == 160);
    CHECK(e.train.learning_rate == 0.1);
    CHECK(e.train.schedule == ScheduleKind::cosine);
    CHECK(e.train.schedule_lag == 1);
    CHECK(e.train.sgd.weight_decay == 5e-4);
    CHECK(e.train.clip_value == 5);
    const bool jitters = name.find("no-jitter") == std::string::npos;
    CHECK(e.train.augmentation.brightness == doctest::Approx(jitters ? 63 / 255.0 : 0));
    CHECK(option_value(e.method_options, "--as-released") == (e.method == "podnet"));
  }
  CHECK(published_numbers(preset_named("podnet-5-steps", cifar100_presets())).at(1).value == .6446);
  CHECK(published_numbers(preset_named("podnet-balanced-10-steps", cifar100_presets())).at(0).value == .6663);
}

TEST_CASE("TPCIL's rows choose exemplars by the gas and train by LUCIR's schedule, without what is LUCIR's alone") {
  for (const int steps : {5, 10}) {
    const Preset& row = preset_named(fmt::format("tpcil-{}-steps", steps), cifar100_presets());
    const ExperimentOptions e = flags_of(row).experiment;
    CHECK(e.method == "tpcil");
    CHECK((e.selection == Selection::neural_gas));
    CHECK(e.memory.images == 20);
    CHECK(e.scenario.tasks == steps + 1);
    CHECK(e.train.epochs == 160);
    CHECK(e.train.milestones == std::vector<double>{0.5, 0.75});
    CHECK(option_value(e.method_options, "--imprint") == false);
    CHECK(published_numbers(row).at(0).value == (steps == 5 ? .6534 : .6358));
  }
  const std::vector<Preset> hundred = balanced_imagenet100_presets(), thousand = balanced_imagenet_presets();
  CHECK(published_numbers(preset_named("tpcil-5-steps", hundred)).at(0).value == .7627);
  CHECK(published_numbers(preset_named("tpcil-10-steps", thousand)).at(0).value == .6288);
}

TEST_CASE("the rethinking-softmax rows run FACIL's driver defaults") {
  const ExperimentOptions e = flags_of(preset_named("rethinking-lwf-10-tasks", cifar100_presets())).experiment;
  CHECK(e.scenario.tasks == 10);
  CHECK(e.scenario.order == "shuffled:0");
  CHECK(e.scenario.validation_fraction == 0.1);
  CHECK(e.seed == 0);
  CHECK(e.train.epochs == 200);
  CHECK(e.train.batch_size == 64);
  CHECK(e.train.schedule == ScheduleKind::patience);
  CHECK(e.train.learning_rate == 0.1);
  CHECK(e.train.patience.factor == 3);
  CHECK(e.train.patience.patience == 5);
  CHECK(e.train.patience.least == 1e-4);
  CHECK(e.train.sgd.momentum == 0);
  CHECK(e.train.sgd.weight_decay == 0);
  CHECK(e.train.clip_norm == 10000);
  CHECK(e.train.augmentation.crop == Crop::resized_crop);
  CHECK(e.memory.kind == MemoryBudget::Kind::none);
}

TEST_CASE(
    "Rethinking softmax: LwF and LwM in 5, 10, 15 and 20 tasks, LwF in 2, LUCIR in 10; the published LwM's attention") {
  std::map<std::string, int> presets_of;
  for (const Preset& preset : cifar100_presets()) {
    if (!preset.name.starts_with("rethinking-")) continue;
    const std::string family = preset.name.substr(11, preset.name.find('-', 11) - 11);
    const MethodOptions m = flags_of(preset).experiment.method_options;
    if (family != "lucir") CHECK(option_value(m, "--as-released") == (family == "lwm"));
    ++presets_of[family];
  }
  CHECK(presets_of == std::map<std::string, int>{{"lwf", 5 * 6}, {"lwm", 4 * 6}, {"lucir", 6}});
  const Preset& row = preset_named("rethinking-lwm-bsr-15-tasks", cifar100_presets());
  CHECK(published_numbers(row).at(0).value == 0.769);
  CHECK(published_numbers(row).at(1).value == 0.035);
  CHECK(split_classes(100, flags_of(row).experiment.scenario.tasks, {}).back() == 6);
  const MethodOptions sr =
      flags_of(preset_named("rethinking-lucir-sr-10-tasks", cifar100_presets())).experiment.method_options;
  CHECK(option_value(sr, "--gamma1") == 0.2);
  CHECK(option_value(sr, "--as-released") == false);
}

TEST_CASE("the figures of Rethinking softmax: numbers and curves of 2, 5, 10 and 20 tasks") {
  const Preset& ten = preset_named("rethinking-lwf-bsr-10-tasks", cifar100_presets());
  REQUIRE(ten.rows.size() == 3);  // one row for each: task-aware, task-agnostic, and the abstract
  CHECK(ten.rows[0].curves.at(0).values.at(9) == .736);
  CHECK(ten.rows[0].curves.at(1).values.size() == 9);  // the forgetting after each task from the second on
  CHECK(ten.rows[1].numbers.at(0).value == .266);
  const Preset& two = preset_named("rethinking-lwf-br2-2-tasks", cifar100_presets());
  CHECK(published_numbers(two).at(0).value == .668);
  CHECK(flags_of(two).experiment.scenario.tasks == 2);
}

TEST_CASE("SVHN's rows of Table A.2: five tasks of two digits, neither cropped nor mirrored, as far as is known") {
  CHECK(svhn_presets().size() == 1 + 2 * 6);
  RunResult run;
  run.classes_per_task = {1, 1};
  run.task_aware = run.task_agnostic = AccuracyMatrix({{1}, {0.5, 1}});
  const std::vector<KeyNumber> numbers = key_numbers(run);
  for (const Preset& preset : svhn_presets()) {
    CAPTURE(preset.name);
    const ExperimentOptions e = flags_of(preset).experiment;
    CHECK_NOTHROW(check_ranges(e));
    CHECK(split_classes(10, e.scenario.tasks, e.scenario.base_classes) == std::vector<int>(5, 2));
    CHECK(e.train.augmentation.crop == Crop::none);
    CHECK_FALSE(e.train.augmentation.flip);
    for (const PublishedNumber& number : published_numbers(preset))
      CHECK_NOTHROW((void)find_number(numbers, number.key));
  }
  const Preset& row = preset_named("rethinking-lwf-sr-5-tasks", svhn_presets());
  CHECK(published_numbers(row).at(0).value == 0.721);
  CHECK(published_numbers(row).at(1).value == 0.002);
}

TEST_CASE("the survey's protocol searches rate and weight before each of ten tasks") {
  const ExperimentOptions e = flags_of(preset_named("facil-survey", cifar100_presets())).experiment;
  CHECK(e.grid.tasks == 10);
  CHECK(e.grid.first_lrs == std::vector<double>{0.5, 0.1, 0.05});
  CHECK(e.grid.lrs == std::vector<double>{0.1, 0.05, 0.01, 0.005, 0.001});
  CHECK(e.grid.tries == 7);
  CHECK(e.scenario.order == "icarl");
  CHECK(e.train.batch_size == 128);
  CHECK(e.train.epochs == 200);
  CHECK(e.train.patience.patience == 10);
  CHECK(e.train.sgd.momentum == 0.9);
}

TEST_CASE("the survey's presets: three memories, LUCIR with its weight fixed, and LwF's published number") {
  const auto options = [](const char* name) { return flags_of(preset_named(name, cifar100_presets())).experiment; };
  const ExperimentOptions fixed = options("facil-survey-2000"), growing = options("facil-survey-20-per-class");
  CHECK(fixed.memory.images == 2000);
  CHECK(fixed.memory.round_up);
  CHECK(fixed.reselect_old);
  CHECK(growing.memory.kind == MemoryBudget::Kind::per_class);
  CHECK(growing.memory.images == 20);
  const ExperimentOptions lucir = options("facil-survey-2000-lucir");
  CHECK(lucir.method == "lucir");
  CHECK(option_value(lucir.method_options, "--lambda") == 5);
  CHECK(option_value(options("facil-survey-2000-eeil").method_options, "--finetuning-lr-factor") == 0.1);
  const Trial poor = [](double, std::optional<double> weight) { return weight ? 0.01 : 0.9; };
  CHECK(search_grid(lucir.grid, 1, 0.5, 5, poor).weight == 5);
  CHECK(published_numbers(preset_named("facil-survey-lwf", cifar100_presets())).at(0).value == .302);
}

TEST_CASE("Mnemonics' rows: the released loss beside the README's numbers, LUCIR's composition beside Table 1's") {
  const auto options = [](const char* name) { return flags_of(preset_named(name, cifar100_presets())).experiment; };
  const Preset& readme = preset_named("mnemonics-5-steps", cifar100_presets());
  REQUIRE(published_numbers(readme).size() == 1);
  CHECK(published_numbers(readme).at(0).value == doctest::Approx(.5421));
  CHECK(option_value(options("mnemonics-5-steps").method_options, "--as-released") == true);
  CHECK(options("mnemonics-25-steps").scenario.tasks == 26);
  CHECK(published_numbers(preset_named("lucir-mnemonics-10-steps", cifar100_presets())).at(0).value == .6228);
  CHECK(options("lucir-mnemonics-10-steps").slots.distillation == "less-forget");
}

TEST_CASE("whether images are mirrored is a choice, where they are cropped") {
  const auto flips = [](const std::vector<std::string>& words) {
    Flags flags;
    CLI::App app;
    add_flags(app, flags);
    CHECK(parse_arguments(app, words));
    resolve_alone(flags);
    return flags.experiment.train.augmentation.flip;
  };
  CHECK(flips({}));
  CHECK_FALSE(flips({"--no-flip"}));
  CHECK(flips({"--no-flip", "--flip"}));
  CHECK_FALSE(flips({"--flip", "--augmentation", "none"}));
}

TEST_CASE("FACIL's protocol is there for any method") {
  Flags flags = flags_of(preset_named("facil-driver", cifar100_presets()));
  CLI::App app;
  add_flags(app, flags);
  CHECK(parse_arguments(app, {"--method", "ewc"}));
  CHECK(flags.experiment.method == "ewc");
  CHECK(flags.experiment.train.schedule == ScheduleKind::patience);
  CHECK(flags.experiment.scenario.tasks == 10);
}

TEST_CASE("flags that are not given keep what was there before, so that a preset can come first") {
  Flags flags;
  flags.experiment.train.epochs = 77;
  flags.experiment.train.milestones = {0.25};
  CLI::App app;
  add_flags(app, flags);
  CHECK(parse_arguments(app, {"--batch-size", "9"}));
  CHECK(flags.experiment.train.epochs == 77);
  CHECK(flags.experiment.train.milestones == std::vector<double>{0.25});
  CHECK(flags.experiment.train.batch_size == 9);
}

}  // namespace
}  // namespace mneme::test
