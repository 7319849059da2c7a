#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "apps/common/command_line.h"
#include "apps/common/flags.h"
#include "apps/presets/balanced_presets.h"
#include "apps/presets/cifar100_presets.h"
#include "apps/presets/rethinking_presets.h"
#include "apps/presets/ss_il_presets.h"
#include "apps/presets/svhn_presets.h"
#include "incremental/report/results/key_numbers.h"

namespace mneme::test {
namespace {

Flags flags_of(const Preset& preset) {
  Flags flags;
  CLI::App app;
  add_flags(app, flags);
  CHECK(parse_arguments(app, preset.flags));
  resolve(flags);
  return flags;
}

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
    const bool protocol =
        preset.name.starts_with("facil-") || preset.summary.find("not published") != std::string::npos;
    CHECK(preset.published.empty() == protocol);
    for (const PublishedNumber& number : preset.published) {
      CHECK_NOTHROW((void)find_number(numbers, number.key));
      CHECK(number.value > 0);
      CHECK(number.value < 1);
      CHECK_FALSE(number.source.empty());
    }
  }
}

TEST_CASE("the balanced-softmax rows run the paper's protocol") {
  const Flags f = flags_of(preset_named("il-baseline-balanced-5-steps-alpha-0.25", cifar100_presets()));
  const ExperimentOptions& e = f.experiment;
  CHECK(e.method == "il-baseline-balanced");
  CHECK(option_value(e.method_options, "--alpha") == 0.25);
  CHECK(split_classes(100, e.scenario.tasks, e.scenario.base_classes) == std::vector<int>{50, 10, 10, 10, 10, 10});
  CHECK(e.scenario.order == "icarl");
  CHECK(e.train.epochs == 250);
  CHECK(e.train.batch_size == 128);
  CHECK(e.train.schedule == ScheduleKind::steps);
  CHECK(e.train.milestones == std::vector<double>{0.4, 0.6, 0.8});  // epochs 100, 150, 200
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
  CHECK(lucir.train.milestones == std::vector<double>{0.5, 0.75});  // epochs 80 and 120
  CHECK(lucir.train.sgd.weight_decay == 5e-4);
  CHECK(option_value(lucir.method_options, "--imprint") == true);
  CHECK(lucir.scenario.tasks == 11);
}

TEST_CASE("PODNet's rows run the protocol of its code") {
  for (const char* name : {"podnet-5-steps", "podnet-balanced-10-steps"}) {
    CAPTURE(name);
    const ExperimentOptions e = flags_of(preset_named(name, cifar100_presets())).experiment;
    CHECK(e.train.epochs == 160);
    CHECK(e.train.learning_rate == 0.1);
    CHECK(e.train.schedule == ScheduleKind::cosine);
    CHECK(e.train.schedule_lag == 1);
    CHECK(e.train.sgd.weight_decay == 5e-4);
    CHECK(e.train.clip_value == 5);
    CHECK(e.train.augmentation.brightness == doctest::Approx(63 / 255.0));
    CHECK(option_value(e.method_options, "--as-released") == (e.method == "podnet"));
  }
  CHECK(preset_named("podnet-5-steps", cifar100_presets()).published[0].value == .6446);
  CHECK(preset_named("podnet-balanced-10-steps", cifar100_presets()).published[0].value == .6663);
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
    CHECK(row.published[0].value == (steps == 5 ? .6534 : .6358));
  }
  const std::vector<Preset> hundred = balanced_imagenet100_presets(), thousand = balanced_imagenet_presets();
  CHECK(preset_named("tpcil-5-steps", hundred).published[0].value == .7627);
  CHECK(preset_named("tpcil-10-steps", thousand).published[0].value == .6288);
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

TEST_CASE("every variant of LwF and LwM has its rows of Table A.2, LwM's with the attention they were run with") {
  int lwf = 0, lwm = 0;
  for (const Preset& preset : cifar100_presets()) {
    if (!preset.name.starts_with("rethinking-")) continue;
    const MethodOptions m = flags_of(preset).experiment.method_options;
    const bool attentive = preset.name.starts_with("rethinking-lwm");
    CHECK(option_value(m, "--as-released") == attentive);
    ++(attentive ? lwm : lwf);
  }
  CHECK(lwf == 4 * 6);
  CHECK(lwm == 3 * 6);
  const Preset& row = preset_named("rethinking-lwm-bsr-15-tasks", cifar100_presets());
  CHECK(row.published[0].value == 0.769);
  CHECK(row.published[1].value == 0.035);
  CHECK(split_classes(100, flags_of(row).experiment.scenario.tasks, {}).back() == 6);
}

TEST_CASE("SVHN's rows of Table A.2: five tasks of two digits, mirrored as CIFAR-100's images are") {
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
    CHECK(e.train.augmentation.flip);
    for (const PublishedNumber& number : preset.published) CHECK_NOTHROW((void)find_number(numbers, number.key));
  }
  const Preset& row = preset_named("rethinking-lwf-sr-5-tasks", svhn_presets());
  CHECK(row.published[0].value == 0.721);
  CHECK(row.published[1].value == 0.002);
}

/// Runs on so many classes, with numbers that every run computes.
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
    for (const PublishedNumber& number : preset.published) {
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
  CHECK(ss_il_imagenet_presets().size() == 8 * 5);
  CHECK(ss_il_landmarks_presets().size() == 2 * 7 * 5);
  std::vector<Preset> of_1k, of_10k;
  for (const Preset& preset : ss_il_landmarks_presets({"--quiet"}, {"--no-models"})) {
    CHECK((preset.flags[0] == "--quiet") == (preset.name.find("-1k-") != std::string::npos));
    (preset.flags[0] == "--quiet" ? of_1k : of_10k).push_back(preset);
  }
  check_rows(of_1k, 1000);
  check_rows(of_10k, 10000);
  const Preset& row = preset_named("ss-il-10k-20-tasks-memory-40000", ss_il_landmarks_presets());
  CHECK(row.published[0].value == doctest::Approx(.430));
  CHECK(row.published[1].value == doctest::Approx(.618));
  CHECK(preset_named("podnet-ss-il-5-tasks-memory-10000", ss_il_imagenet_presets()).published[1].value ==
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
  CHECK(balanced_imagenet100_presets().size() == 18);
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
  CHECK(preset_named("podnet-balanced-10-steps", balanced_imagenet_presets()).published[0].value == .6865);
}

TEST_CASE("Table A.2's rows on ImageNet-100") {
  const std::vector<Preset> presets = rethinking_imagenet100_presets();
  check_rows(presets, 100);
  CHECK(presets.size() == 1 + 4 * 6);
  CHECK(preset_named("rethinking-lwm-bsr-10-tasks", presets).published[1].value == .008);
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

TEST_CASE("whether images are mirrored is a choice, where they are cropped") {
  const auto flips = [](const std::vector<std::string>& words) {
    Flags flags;
    CLI::App app;
    add_flags(app, flags);
    CHECK(parse_arguments(app, words));
    resolve(flags);
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
