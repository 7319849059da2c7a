#include "incremental/experiment/plan.h"

#include <doctest/doctest.h>

#include <limits>
#include <regex>

#include "engine/base/parallel.h"
#include "incremental/experiment/dry_run.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

bool any_says(const std::vector<std::string>& lines, const std::string& part) {
  for (const std::string& line : lines)
    if (line.find(part) != std::string::npos) return true;
  return false;
}

/// tiny_data() of six classes that keep 1, 2, 8, 3, 5 and 8 of their images.
ResidentDataset long_tail() {
  const ResidentDataset all = tiny_data(6, 8, 2);
  constexpr int kept[] = {1, 2, 8, 3, 5, 8};
  std::vector<int> labels, seen(6);
  std::vector<uint8_t> pixels;
  const size_t bytes = all.train.info.image_bytes();
  for (size_t i = 0; i < all.train.labels.size(); ++i) {
    const auto label = static_cast<size_t>(all.train.labels[i]);
    if (seen[label]++ >= kept[label]) continue;
    labels.push_back(all.train.labels[i]);
    const auto begin = all.train.pixels.begin() + static_cast<std::ptrdiff_t>(i * bytes);
    pixels.insert(pixels.end(), begin, begin + static_cast<std::ptrdiff_t>(bytes));
  }
  ResidentDataset out = all;
  out.train.labels = labels;
  out.train.pixels = pixels;
  return out;
}

void check_plan_of_run(const ResidentDataset& data, double validation) {
  for (const MemoryBudget memory :
       {MemoryBudget{MemoryBudget::Kind::total, 13, false}, MemoryBudget{MemoryBudget::Kind::per_class, 3, false},
        MemoryBudget{MemoryBudget::Kind::per_class, 50, false}, MemoryBudget{},
        MemoryBudget{.kind = MemoryBudget::Kind::total, .images = 13, .fill = true}})
    for (const auto& [method, sampler] : {std::pair{"lwf", ""},
                                          {"lwf", "ratio"},
                                          {"ss-il", ""},
                                          {"bic-ss-il", ""},
                                          {"podnet-ss-il", ""},
                                          {"joint", ""},
                                          {"eeil", ""},  // this method and the next have later stages
                                          {"bic", ""},
                                          {"il-baseline-meta", ""}}) {
      const ExemplarNeed need = make_method(method, {}).exemplars;
      if (need == ExemplarNeed::forbidden && memory.kind != MemoryBudget::Kind::none) continue;
      if (need == ExemplarNeed::required && memory.kind == MemoryBudget::Kind::none) continue;
      CAPTURE(method);
      CAPTURE(memory.images);
      CAPTURE(sampler);
      ExperimentOptions o = tiny_options(method);
      o.memory = memory;
      o.slots.sampler = sampler;
      o.scenario.tasks = 3;
      o.scenario.validation_fraction = validation;
      o.train.base_epochs = 2;
      Experiment experiment(o, data);
      const std::vector<TaskPlan> plan = plan_tasks(o, experiment.scenario());
      REQUIRE(plan.size() == 3);
      const ScratchFolder scratch;
      RunFolder folder(scratch / "run");
      ExperimentCallbacks callbacks;
      callbacks.on_task_start = [&](int task, const TaskContext& context, const Subset& subset) {
        const TaskPlan& p = plan[static_cast<size_t>(task)];
        CHECK(p.images == static_cast<int64_t>(subset.size()));
        CHECK(p.classes == context.new_classes());
        CHECK(p.epochs == (task == 0 ? 2 : 1));
      };
      callbacks.training.on_step = [&](const StepReport& step) {
        if (step.stage == "train") CHECK(step.steps == plan[static_cast<size_t>(step.task)].steps);
      };
      std::vector<int64_t> visits(3);
      callbacks.training.on_epoch = [&](const EpochReport& e) { visits[static_cast<size_t>(e.task)] += e.images; };
      experiment.run(folder, callbacks);
      for (size_t t = 0; t < 3; ++t) CHECK(visits[t] == plan[t].visits);
    }
}

TEST_CASE("a plan's images, exemplars and steps are those of the run") {
  check_plan_of_run(tiny_data(6, 8, 2), tiny_options("lwf").scenario.validation_fraction);
}

TEST_CASE("a plan of classes with few images counts what the run counts") { check_plan_of_run(long_tail(), 0); }

TEST_CASE("a plan refuses what the run refuses: numbers out of range, and a last batch of one image on maps of 1x1") {
  const ResidentDataset data = tiny_data();
  ExperimentOptions o = tiny_options("lwf");
  o.train.batch_size = 0;
  CHECK_THROWS_WITH_AS((void)make_plan(o, data, "nowhere"), "--batch-size must be at least 1, got 0", UsageError);
  o.train.batch_size = 11;  // of 12 images
  CHECK(refusal(o, data).empty());
  o.network.name = "resnet18";
  const std::string found = refusal(o, data);
  CHECK(found ==
        "task 1, stage 'train': step 2 of an epoch has one image, and batch norm cannot take one image alone where "
        "resnet18 makes maps of 1x1 of 8x8 pixels; give --drop-last, or another --batch-size");
  CHECK_THROWS_WITH_AS((void)make_plan(o, data, "nowhere"), found.c_str(), UsageError);
  o.train.batch_size = 1;
  CHECK(any_says({refusal(o, data)}, "give a larger --batch-size"));
  o.train.batch_size = 11;
  o.train.drop_last = true;
  CHECK(refusal(o, data).empty());
}

TEST_CASE(
    "an alpha whose meta-gradient has no images is refused before the first step and by the plan, which tells of a "
    "class that is not seen") {
  ExperimentOptions o = tiny_options_for("il-baseline-meta");
  CHECK(refusal(o).empty());
  set_option(o.method_options, "--validation-exemplars", 0);
  const std::string found = refusal(o);
  CHECK(found ==
        "task 2: alpha is learned on held-out images, and there are none; give --validation-exemplars more than 0, and "
        "keep two exemplars of every class at least (--memory-per-class)");
  CHECK_THROWS_WITH_AS((void)make_plan(o, tiny_data(), "nowhere"), found.c_str(), UsageError);

  o = tiny_options_for("il-baseline-meta");
  const char* warning = "of 4 classes have none to spare";
  CHECK_FALSE(any_says(plan_warnings(o, make_scenario(tiny_data(), o.scenario, 1)), warning));
  o.scenario.validation_fraction = 0;
  const ResidentDataset few = tiny_data(4, 1, 1);
  CHECK(any_says(plan_warnings(o, make_scenario(few, o.scenario, 1)), warning));
}

TEST_CASE("a plan refuses a stage that no class has images for") {
  ExperimentOptions o = tiny_options("bic");
  o.scenario.validation_fraction = 0;
  o.memory = {MemoryBudget::Kind::per_class, 10, false};
  CHECK(any_says({refusal(o, tiny_data(4, 1, 1))}, "task 2, stage 'bias correction': there are no images for it"));
  CHECK(refusal(o, tiny_data(4, 2, 1)).empty());
}

TEST_CASE("a plan knows of shorter later tasks and of last batches that are left out") {
  ExperimentOptions o = tiny_options("lwf");
  o.train.epochs = 9;
  o.train.later_divisor = 4;
  o.train.drop_last = true;
  o.train.batch_size = 5;
  const std::vector<TaskPlan> plan = plan_tasks(o, make_scenario(tiny_data(), o.scenario, 1));
  CHECK(plan[0].epochs == 9);
  CHECK(plan[1].epochs == 2);
  CHECK(plan[0].steps == 2);  // of 12 images
  CHECK(plan[1].visits == 2 * 10);
}

TEST_CASE("a plan counts what exemplars that learn cost, in images trained on") {
  ExperimentOptions o = tiny_options_for("mnemonics");
  set_option(o.method_options, "--exemplar-epochs", 3);
  const auto plan = [&] { return plan_tasks(o, make_scenario(tiny_data(), o.scenario, 1)); };
  const int64_t later = 12 + plan()[1].exemplars;
  CHECK(later > 12);
  CHECK(plan()[0].visits == 12 + 3 * 4 * 12);
  CHECK(plan()[1].visits == later + 3 * 4 * later);
  set_option(o.method_options, "--as-released", true);  // all new exemplars, of two classes, for every batch
  o.train.batch_size = 5;
  o.memory = {MemoryBudget::Kind::per_class, 2, false};
  CHECK(plan()[0].visits == 12 + 3 * 3 * 4);
}

TEST_CASE("a measured plan knows parameters, memory, disk and time") {
  const ResidentDataset data = tiny_data(6, 8, 2);
  ExperimentOptions o = tiny_options("lwf");
  o.scenario.tasks = 3;
  o.save_models = true;
  const Plan plan = make_plan(o, data, "runs/nowhere");
  CHECK(plan.parameters_last ==
        plan.parameters_first + 2 * 2 * 65);  // two more heads with two classes, each class with 64 weights and a bias
  CHECK(plan.seconds_per_image_first > 0);
  CHECK(plan.seconds_per_image_later > 0);
  CHECK(plan.seconds > 0);
  CHECK(plan.tensor_bytes > 4 * static_cast<size_t>(plan.parameters_first));
  CHECK(plan.disk_bytes > 3 * 4 * static_cast<size_t>(plan.parameters_first));
  const std::string text = as_text(plan);
  for (const char* part : {"network      resnet8\n", "parameters", "memory", "disk", "time", "exemplars", "note"})
    CHECK_MESSAGE(text.find(part) != std::string::npos, part);
}

TEST_CASE("a plan warns of known traps, and only where they are") {
  const ResidentDataset data = tiny_data(6, 8, 2);
  const auto warnings = [&](const std::string& method, auto change) {
    ExperimentOptions o = tiny_options(method);
    o.scenario.tasks = 3;
    change(o);
    return plan_warnings(o, make_scenario(data, o.scenario, o.seed));
  };
  const auto nothing = [](ExperimentOptions&) {};
  const auto with_memory = [](MemoryBudget::Kind kind, int images) {
    return [=](ExperimentOptions& o) { o.memory = {kind, images, false}; };
  };
  CHECK(any_says(warnings("lwf", nothing), "nothing of old classes is stored"));
  CHECK_FALSE(any_says(warnings("joint", nothing), "nothing of old classes is stored"));
  CHECK(any_says(warnings("icarl", nothing), "icarl is meant to be run with exemplars"));
  CHECK_FALSE(any_says(warnings("icarl", with_memory(MemoryBudget::Kind::per_class, 2)), "meant to be run"));
  CHECK(any_says(warnings("lwf", with_memory(MemoryBudget::Kind::total, 12)),
                 "fixed: 6 images per class after the first task, 2 after the last"));
  CHECK(any_says(warnings("lwf", with_memory(MemoryBudget::Kind::per_class, 2)),
                 "grows: 4 images after the first task, 12 after the last"));
  CHECK(any_says(warnings("lwf", nothing),
                 "25 % of the training images, 4 of 16 in the first task, are held out for validation"));
  CHECK(any_says(warnings("lwf", [](auto& o) { o.scenario.validation_fraction = 0; }), "no validation images"));
  CHECK(any_says(warnings("lwf", [](auto& o) { o.train.schedule = ScheduleKind::steps; }),
                 "1 epoch is few for the 3 drops of the learning rate that --milestones asks for: it stays as it is"));
  CHECK(any_says(warnings("lwf", [](auto& o) { o.train.schedule = ScheduleKind::steps, o.train.epochs = 2; }),
                 "2 epochs are few for the 3 drops of the learning rate that --milestones asks for: it drops once"));
  CHECK_FALSE(any_says(warnings("lwf", [](auto& o) { o.train.schedule = ScheduleKind::steps, o.train.epochs = 5; }),
                       " few for"));
  CHECK_FALSE(any_says(warnings("lwf", nothing), " few for"));
  CHECK(any_says(warnings("lwf", [](auto& o) { o.train.batch_size = 100; }), "task 1 has 1 step an epoch"));
  CHECK_FALSE(any_says(warnings("lwf", [](auto& o) { o.train.batch_size = 1; }), "steps an epoch"));
  CHECK(any_says(warnings("lwf", [](auto& o) { o.remarks = {"generated"}; }), "generated"));
}

TEST_CASE("counts of a plan stop at the largest number instead of becoming negative") {
  ExperimentOptions o = tiny_options("lwf");
  o.train.epochs = std::numeric_limits<int>::max();
  o.train.warmup_epochs = std::numeric_limits<int>::max();
  const ResidentDataset data = tiny_data();
  for (const TaskPlan& task : plan_tasks(o, make_scenario(data, o.scenario, o.seed))) {
    CHECK(task.visits > 0);
    CHECK(task.epochs > 0);
  }
  o.memory = {MemoryBudget::Kind::per_class, std::numeric_limits<int>::max(), false};
  const std::string all = as_text(make_plan(o, data, "."));
  CHECK_MESSAGE(!std::regex_search(all, std::regex(" -[0-9]")), all);
  CHECK_MESSAGE(all.find("the memory grows: 4294967294 images after the first task, 8589934588") != std::string::npos,
                all);
}

TEST_CASE("a dry run takes the run's own first steps") {
  const ResidentDataset data = tiny_data();
  const ExperimentOptions o = tiny_options("lwf");
  const Finished run = finish(o, data);
  const DryRun dry = dry_run(o, data, 0, 2);
  REQUIRE(dry.losses.size() == 2);
  CHECK(dry.losses[0] == 6 * run.step_losses[0]);
  CHECK(dry.losses[1] == 6 * run.step_losses[0] + 6 * run.step_losses[1]);
  CHECK(dry.parameters > 70000);
}

TEST_CASE("a second dry run, with other threads, is the same to the bit, and another seed is not") {
  ExperimentOptions o = tiny_options("il-baseline");
  o.memory = {MemoryBudget::Kind::per_class, 2, false};
  const ResidentDataset data = tiny_data();
  const int before = threads();
  for (const int count : {1, 2, 4}) {
    set_threads(count);
    const std::string found = verify_determinism(o, data);
    CHECK(found ==
          fmt::format("4 steps of 2 tasks twice, with {} and with {} threads: losses and weights equal to the bit",
                      count, count == 1 ? 2 : 1));
    CHECK(threads() == count);
  }
  set_threads(before);
  const DryRun one = dry_run(o, data, 1, 3);
  o.seed = 2;
  const DryRun two = dry_run(o, data, 1, 3);
  CHECK(one.losses != two.losses);
  CHECK(one.weights != two.weights);
}

}  // namespace
}  // namespace mneme::test
