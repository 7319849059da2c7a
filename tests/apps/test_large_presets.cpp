// Tests of the presets of the programs for large images.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "apps/presets/balanced_presets.h"
#include "apps/presets/large_presets.h"
#include "apps/presets/rethinking_presets.h"
#include "apps/presets/ss_il_presets.h"
#include "incremental/report/results/key_numbers.h"
#include "tests/apps/preset_flags.h"

namespace mneme::test {
namespace {

/// Checks that the preset runs on data with this many classes, and that every published number is one that a run
/// computes.
void check_rows(const std::vector<Preset>& presets, int classes) {
  RunResult run;
  run.classes_per_task = {1, 1};
  run.task_aware = run.task_agnostic = run.top5 = AccuracyMatrix({{1}, {0.5, 1}});
  const std::vector<KeyNumber> numbers = key_numbers(run);
  std::set<std::string> names;
  for (const Preset& preset : presets) {
    CAPTURE(preset.name);
    const ExperimentOptions e = flags_of(preset).experiment;
    CHECK_NOTHROW(check_ranges(e));
    CHECK(e.network.name == "resnet18");
    const bool learns_pixels = make_method(e.method, e.method_options).exemplar_learning.has_value();
    CHECK(e.train.augmentation.crop == (learns_pixels ? Crop::pad_crop : Crop::resized_crop));
    CHECK(split_classes(classes, e.scenario.tasks, e.scenario.base_classes).size() > 1);
    for (const PublishedNumber& number : published_numbers(preset)) {
      CHECK_NOTHROW((void)find_number(numbers, number.key));
      CHECK(number.value > 0);
      CHECK(number.value < 1);
    }
    names.insert(preset.name);
  }
  CHECK(names.size() == presets.size());
}

TEST_CASE("SS-IL's rows: every method but one where it was not run, three memories and two more numbers of tasks") {
  check_rows(ss_il_imagenet_presets(), 1000);
  CHECK(ss_il_imagenet_presets().size() == 8 * 5 + 5);  // as many as the commands in the READMEs of both repositories
  CHECK(ss_il_landmarks_presets().size() == 2 * (7 * 5 + 5));
  std::vector<Preset> of_1k, of_10k;
  for (const Preset& preset : ss_il_landmarks_presets({"--quiet"}, {"--no-models"})) {
    CHECK((preset.flags[0] == "--quiet") == (preset.name.find("-1k-") != std::string::npos));
    (preset.flags[0] == "--quiet" ? of_1k : of_10k).push_back(preset);
  }
  check_rows(of_1k, 1000);
  check_rows(of_10k, 10000);
  const std::vector<Preset> landmarks = ss_il_landmarks_presets(), imagenet = ss_il_imagenet_presets();
  const Preset& row = preset_named("ss-il-10k-20-tasks-memory-40000", landmarks);
  CHECK(published_numbers(row).at(0).value == doctest::Approx(.430));
  CHECK(published_numbers(row).at(1).value == doctest::Approx(.618));
  CHECK(published_numbers(preset_named("podnet-ss-il-5-tasks-memory-10000", imagenet)).at(1).value ==
        doctest::Approx(.858));
}

TEST_CASE("SS-IL's rows run its protocol") {
  const auto options = [](const char* name) {
    return flags_of(preset_named(name, ss_il_imagenet_presets())).experiment;
  };
  const ExperimentOptions e = options("ss-il-10-tasks-memory-20000");
  CHECK(e.method == "ss-il");
  CHECK(option_value(e.method_options, "--replay-batch") == 32);
  CHECK(e.scenario.order == "ssil");
  CHECK(e.scenario.validation_fraction == 0);
  CHECK(e.train.epochs == 100);
  CHECK(e.train.milestones == std::vector<double>{0.4, 0.8});
  CHECK(e.train.later_divisor == 1);
  CHECK(e.train.lr_by_task);
  CHECK(e.train.drop_last);
  CHECK(e.train.keep_momentum);
  CHECK(e.train.batch_size == 128);
  CHECK(e.train.sgd.weight_decay == 1e-4);
  CHECK(e.memory.images == 20000);
  CHECK(e.memory.fill);
  CHECK(e.selection == Selection::first);
  CHECK(options("ft-ss-il-5-tasks-memory-10000").train.later_divisor == 4);
  CHECK(options("ss-il-10-tasks-memory-20000-first-readme").train.later_divisor == 4);
  const TrainOptions icarl = options("icarl-ss-il-10-tasks-memory-5000").train;
  CHECK(icarl.lr_gamma == 0.2);
  CHECK_FALSE(icarl.lr_by_task);
  const std::unique_ptr<Schedule> schedule = make_schedule(icarl);
  for (int epoch = 0; epoch < 59; ++epoch) {
    const int drops = (epoch >= 19) + (epoch >= 29) + (epoch >= 39) + (epoch >= 49);
    CHECK(schedule->after_epoch(epoch, 0).learning_rate == doctest::Approx(0.1 * std::pow(0.2, drops)));
  }
  CHECK(options("bic-ss-il-10-tasks-memory-5000").train.batch_size == 256);
  const TrainOptions podnet = options("podnet-ss-il-10-tasks-memory-5000").train;
  CHECK(podnet.schedule == ScheduleKind::cosine);
  CHECK(podnet.learning_rate == 0.05);
  CHECK_FALSE(podnet.keep_momentum);
}

TEST_CASE("the balanced-softmax rows on ImageNet, whole and a hundred classes of it") {
  check_rows(balanced_imagenet100_presets(), 100);
  check_rows(balanced_imagenet_presets(), 1000);
  CHECK(balanced_imagenet100_presets().size() == 2 * 13);
  const Words& first100 = preset_named("il-baseline-5-steps", imagenet100_presets()).flags;
  const auto subset = std::ranges::find(first100, "--subset");
  REQUIRE(subset != first100.end());
  CHECK(*std::next(subset) == "first100");
  const auto options = [](const char* name, const std::vector<Preset>& presets) {
    return flags_of(preset_named(name, presets)).experiment;
  };
  const ExperimentOptions own = options("il-baseline-5-steps", balanced_imagenet_presets());
  CHECK(split_classes(1000, own.scenario.tasks, own.scenario.base_classes) ==
        std::vector<int>{500, 100, 100, 100, 100, 100});
  CHECK(own.train.epochs == 100);
  CHECK(own.train.milestones == std::vector<double>{0.3, 0.6, 0.8, 0.9});
  CHECK(own.train.sgd.weight_decay == 1e-4);
  CHECK(option_value(options("lucir-10-steps", balanced_imagenet_presets()).method_options, "--balanced-epochs") == 20);
  const ExperimentOptions lucir = options("lucir-10-steps", balanced_imagenet100_presets());
  CHECK(option_value(lucir.method_options, "--balanced-epochs") == 0);
  CHECK(option_value(lucir.method_options, "--lambda") == 10);
  const ExperimentOptions podnet = options("podnet-5-steps", balanced_imagenet100_presets());
  CHECK(podnet.train.batch_size == 64);
  CHECK(podnet.train.sgd.weight_decay == 5e-4);
  CHECK(option_value(podnet.method_options, "--lambda") == 8);
  CHECK(option_value(podnet.method_options, "--flat-weight") == 10);
  CHECK(option_value(podnet.method_options, "--balanced-lr") == 0.01);
  CHECK(published_numbers(preset_named("podnet-balanced-10-steps", balanced_imagenet_presets())).at(0).value == .6865);
}

TEST_CASE("Table A.2's rows on ImageNet-100, in the released order") {
  const std::vector<Preset> presets = rethinking_imagenet100_presets();
  check_rows(presets, 100);
  for (const Preset& preset : presets) CHECK(flags_of(preset).experiment.scenario.order == "icarl");
  CHECK(presets.size() == 1 + 4 * 6);
  CHECK(published_numbers(preset_named("rethinking-lwm-bsr-10-tasks", presets)).at(1).value == .008);
}

}  // namespace
}  // namespace mneme::test
