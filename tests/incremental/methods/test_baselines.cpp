// Tests of the baselines: finetuning, freezing and joint training.

#include <doctest/doctest.h>

#include "data/batches/augment.h"
#include "layers/resnet_cifar.h"
#include "tests/incremental/methods/method_runs.h"

namespace mneme::test {
namespace {

TEST_CASE("finetuning without exemplars leaves old heads bit for bit alone while everything else moves") {
  const Finished run = finish(tiny_options("finetuning"));
  const std::vector<std::string> moved = changed(run.states[0], run.states[1]);
  // The parameters of the new head.
  CHECK(heads_among(moved) == std::vector<std::string>{"heads.1.bias", "heads.1.weight"});
  CHECK(backbone_among(moved) == all_backbone_tensors());
}

TEST_CASE("with exemplars, or asked for all outputs, finetuning trains old heads too") {
  const std::vector<std::string> all = {"heads.0.bias", "heads.0.weight", "heads.1.bias", "heads.1.weight"};
  const Finished dry = finish(with_memory("finetuning", 2));
  CHECK(heads_among(changed(dry.states[0], dry.states[1])) == all);
  ExperimentOptions o = tiny_options("finetuning");
  set_option(o.method_options, "--all-outputs", true);
  const Finished joined = finish(o);
  CHECK(heads_among(changed(joined.states[0], joined.states[1])) == all);
}

TEST_CASE("warm-up passes over exemplars: their classes are not the new head's") {
  ExperimentOptions o = with_memory("finetuning", 2);
  o.train.warmup_epochs = 2;
  CHECK_NOTHROW((void)finish(o));
}

TEST_CASE("freezing leaves the backbone and its statistics untouched after the first task") {
  const Finished alone = finish(tiny_options("freezing"));
  CHECK(changed(alone.states[0], alone.states[1]) == std::vector<std::string>{"heads.1.bias", "heads.1.weight"});
  const Finished dry = finish(with_memory("freezing", 2));
  const std::vector<std::string> moved = changed(dry.states[0], dry.states[1]);
  CHECK(heads_among(moved).size() == 4);
  CHECK(backbone_among(moved) == 0);
}

TEST_CASE("freezing can wait for a later task, or start before the first") {
  ExperimentOptions o = tiny_options("freezing");
  o.scenario.tasks = 3;
  set_option(o.method_options, "--freeze-after", 1);
  const ResidentDataset six = tiny_data(6, 8, 2);
  const Finished late = finish(o, six);
  CHECK(backbone_among(changed(late.states[0], late.states[1])) == all_backbone_tensors());
  CHECK(backbone_among(changed(late.states[1], late.states[2])) == 0);

  set_option(o.method_options, "--freeze-after", -1);
  Factory factory(o.seed, Device::cpu);
  CifarResNet untrained({.depth = 8}, factory);
  const Finished never = finish(o, six);
  for (const State& state : never.states)
    for (const auto& [name, numbers] : state_of(untrained)) CHECK_MESSAGE(state.at(name) == numbers, name);
}

TEST_CASE("joint training sees the union of all tasks so far, each image once, and no exemplars") {
  const ResidentDataset data = tiny_data();
  Experiment experiment(tiny_options("joint"), data);
  const ScratchFolder scratch;
  RunFolder folder(scratch / "run");
  const Scenario& s = experiment.scenario();
  ExperimentCallbacks callbacks;
  callbacks.on_task_start = [&](int task, const TaskContext& context, const Subset& subset) {
    Subset expected = s.train[0];
    if (task == 1) expected.append(s.train[1]);
    CHECK(subset.images == expected.images);
    CHECK(subset.labels == expected.labels);
    CHECK(context.class_counts == std::vector<int64_t>(task == 0 ? 2 : 4, 6));
    CHECK_FALSE(context.has_exemplars);
  };
  experiment.run(folder, callbacks);
}

TEST_CASE("joint training is judged on the validation images of all tasks so far") {
  // All old validation images get the wrong colour. If they were not used, the accuracy would not change.
  ResidentDataset data = tiny_data();
  ExperimentOptions o = tiny_options("joint");
  o.train.epochs = 6;
  const Scenario s = make_scenario(data, o.scenario, o.seed);
  const auto accuracies = [&] {
    std::vector<double> of_epochs;
    for (const EpochRecord& epoch : finish(o, data).result.epochs) of_epochs.push_back(*epoch.validation_accuracy);
    return of_epochs;
  };
  const std::vector<double> before = accuracies();
  for (const int image : s.validation[0].images)
    for (size_t p = 0; p < data.train.info.image_bytes(); ++p)
      data.train.pixels[static_cast<size_t>(image) * data.train.info.image_bytes() + p] ^= 0xFF;
  CHECK(accuracies() != before);
}

}  // namespace
}  // namespace mneme::test
