// Tests that every option that changes the results changes the settings in run.json.

#include <doctest/doctest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/precision.h"
#include "incremental/experiment/settings.h"
#include "tests/incremental/tiny_run.h"
#include "tests/support/switched.h"

namespace mneme::test {
namespace {

nlohmann::json settings(const ExperimentOptions& options) {
  const ResidentDataset data = tiny_data();
  return settings_of(options, data_settings(data), make_scenario(data, options.scenario, options.seed));
}

using Change = std::function<void(ExperimentOptions&)>;

TEST_CASE("every option that decides a run's results is in its settings") {
  const std::vector<std::pair<const char*, Change>> changes = {
      {"method", [](auto& o) { o.method = "finetuning"; }},
      {"preset", [](auto& o) { o.preset = "row"; }},
      {"lambda", [](auto& o) { set_option(o.method_options, "--lambda", 2); }},
      {"temperature", [](auto& o) { set_option(o.method_options, "--temperature", 3); }},
      {"tasks", [](auto& o) { o.scenario.tasks = 4; }},
      {"base_classes", [](auto& o) { o.scenario.base_classes = 3; }},
      {"order", [](auto& o) { o.scenario.order = "3,2,1,0"; }},
      {"validation_fraction", [](auto& o) { o.scenario.validation_fraction = 0.5; }},
      {"stop_after", [](auto& o) { o.scenario.stop_after = 1; }},
      {"epochs", [](auto& o) { o.train.epochs = 7; }},
      {"base_epochs", [](auto& o) { o.train.base_epochs = 7; }},
      {"batch_size", [](auto& o) { o.train.batch_size = 7; }},
      {"learning_rate", [](auto& o) { o.train.learning_rate = 7; }},
      {"schedule", [](auto& o) { o.train.schedule = ScheduleKind::cosine; }},
      {"momentum", [](auto& o) { o.train.sgd.momentum = 0.7; }},
      {"weight_decay", [](auto& o) { o.train.sgd.weight_decay = 0.7; }},
      {"nesterov", [](auto& o) { o.train.sgd.nesterov = true; }},
      {"clip_norm", [](auto& o) { o.train.clip_norm = 7; }},
      {"drop_last", [](auto& o) { o.train.drop_last = true; }},
      {"later_divisor", [](auto& o) { o.train.later_divisor = 4; }},
      {"lr_by_task", [](auto& o) { o.train.lr_by_task = true; }},
      {"keep_momentum", [](auto& o) { o.train.keep_momentum = true; }},
      {"clip_value", [](auto& o) { o.train.clip_value = 7; }},
      {"warmup_epochs", [](auto& o) { o.train.warmup_epochs = 7; }},
      {"warmup_factor", [](auto& o) { o.train.warmup_factor = 7; }},
      {"fix_bn", [](auto& o) { o.train.fix_bn = true; }},
      {"crop", [](auto& o) { o.train.augmentation.crop = Crop::resized_crop; }},
      {"pad", [](auto& o) { o.train.augmentation.pad = 7; }},
      {"flip", [](auto& o) { o.train.augmentation.flip = false; }},
      {"brightness", [](auto& o) { o.train.augmentation.brightness = 0.7; }},
      {"memory",
       [](auto& o) {
         o.memory = {MemoryBudget::Kind::per_class, 7, false};
       }},
      {"network", [](auto& o) { o.network.name = "resnet20"; }},
      {"shortcut", [](auto& o) { o.network.shortcut = Shortcut::zero_pad; }},
      {"last_relu", [](auto& o) { o.network.last_relu = false; }},
      {"signed_blocks", [](auto& o) { o.network.signed_blocks = true; }},
      {"kernel_scales", [](auto& o) { o.network.kernel_scales = true; }},
      {"signed_maps", [](auto& o) { o.network.signed_maps = true; }},
      {"prediction", [](auto& o) { o.predict_by = "multi-softmax"; }},
      {"classifier", [](auto& o) { o.classifier = ClassifierKind::cosine; }},
      {"seed", [](auto& o) { o.seed = 7; }},
      {"device", [](auto& o) { o.device = Device::reference; }},
  };
  const auto before = settings(tiny_options("lwf"));
  for (const auto& [name, change] : changes) {
    ExperimentOptions o = tiny_options("lwf");
    change(o);
    CHECK_MESSAGE(settings(o) != before, name);
  }
}

TEST_CASE("so is every option of a schedule and of a memory that is in use") {
  const auto differs = [](const Change& base, const Change& change) {
    ExperimentOptions o = tiny_options("lwf");
    base(o);
    const auto before = settings(o);
    change(o);
    return settings(o) != before;
  };
  const Change steps = [](auto& o) { o.train.schedule = ScheduleKind::steps; };
  CHECK(differs(steps, [](auto& o) { o.train.milestones = {0.1}; }));
  CHECK(differs(steps, [](auto& o) { o.train.lr_gamma = 0.3; }));
  const Change cosine = [](auto& o) { o.train.schedule = ScheduleKind::cosine; };
  CHECK(differs(cosine, [](auto& o) { o.train.schedule_lag = 1; }));
  const Change patience = [](auto& o) { o.train.schedule = ScheduleKind::patience; };
  CHECK(differs(patience, [](auto& o) { o.train.patience.factor = 4; }));
  CHECK(differs(patience, [](auto& o) { o.train.patience.least = 1e-5; }));
  CHECK(differs(patience, [](auto& o) { o.train.patience.patience = 9; }));
  const Change memory = [](auto& o) { o.memory = {MemoryBudget::Kind::total, 8, false}; };
  CHECK(differs(memory, [](auto& o) { o.memory.images = 9; }));
  CHECK(differs(memory, [](auto& o) { o.memory.round_up = true; }));
  CHECK(differs(memory, [](auto& o) { o.memory.fill = true; }));
  CHECK(differs(memory, [](auto& o) { o.memory.shared_by = 8; }));
  CHECK(differs(memory, [](auto& o) { o.selection = Selection::random; }));
  CHECK(differs(memory, [](auto& o) { o.reselect_old = true; }));
  const Change gas = [](auto& o) {
    o.memory = {MemoryBudget::Kind::total, 8, false};
    o.selection = Selection::neural_gas;
  };
  CHECK(differs(gas, [](auto& o) { o.gas.step = 0.2; }));
  CHECK(differs(gas, [](auto& o) { o.gas.decay = 2; }));
  CHECK(differs(gas, [](auto& o) { o.gas.epochs = 3; }));
  const auto before = settings(tiny_options("lwf"));
  const bool exact = exact_convolutions();
  set_exact_convolutions(!exact);
  CHECK(settings(tiny_options("lwf")) != before);
  set_exact_convolutions(exact);
}

std::string protocol(const Change& change) {
  ExperimentOptions o = tiny_options("lwf");
  change(o);
  return protocol_id(o, make_scenario(tiny_data(), o.scenario, o.seed));
}

TEST_CASE("methods, seeds and machines share a protocol; whatever decides if numbers compare changes it") {
  const std::string plain = protocol([](auto&) {});
  CHECK(plain.size() == 12);
  const std::vector<std::pair<const char*, Change>> same = {
      {"method", [](auto& o) { o.method = "finetuning"; }},
      {"lambda", [](auto& o) { set_option(o.method_options, "--lambda", 3); }},
      {"seed", [](auto& o) { o.seed = 5; }},
      {"device", [](auto& o) { o.device = Device::reference; }},
      {"preset", [](auto& o) { o.preset = "row"; }},
      {"models", [](auto& o) { o.save_models = true; }},
  };
  for (const auto& [name, change] : same) CHECK_MESSAGE(protocol(change) == plain, name);
  const std::vector<std::pair<const char*, Change>> other = {
      {"order", [](auto& o) { o.scenario.order = "3,2,1,0"; }},
      {"seed's order", [](auto& o) { o.scenario.order = "shuffled"; }},
      {"tasks", [](auto& o) { o.scenario.tasks = 4; }},
      {"stop", [](auto& o) { o.scenario.stop_after = 1; }},
      {"validation", [](auto& o) { o.scenario.validation_fraction = 0; }},
      {"epochs", [](auto& o) { o.train.epochs = 9; }},
      {"schedule", [](auto& o) { o.train.schedule = ScheduleKind::cosine; }},
      {"augmentation", [](auto& o) { o.train.augmentation.flip = false; }},
      {"memory",
       [](auto& o) {
         o.memory = {MemoryBudget::Kind::per_class, 2, false};
       }},
      {"network", [](auto& o) { o.network.name = "resnet14"; }},
      {"prediction", [](auto& o) { o.predict_by = "multi-softmax"; }},
  };
  std::set<std::string> all = {plain};
  for (const auto& [name, change] : other) CHECK_MESSAGE(all.insert(protocol(change)).second, name);
}

TEST_CASE("an order that the seed shuffles is one protocol for all seeds, though the orders differ") {
  const auto shuffled = [](uint64_t seed) {
    return protocol([=](auto& o) {
      o.scenario.order = "shuffled";
      o.seed = seed;
    });
  };
  CHECK(shuffled(1) == shuffled(2));
  CHECK(protocol([](auto& o) { o.scenario.order = "shuffled:1"; }) !=
        protocol([](auto& o) { o.scenario.order = "shuffled:2"; }));
}

TEST_CASE("every device says how far its runs repeat") {
  CHECK(guarantee_of(Device::cpu).find("any number of threads") != std::string::npos);
  const Switched measured(set_deterministic, false, deterministic());
  CHECK(guarantee_of(Device::cuda).find("--deterministic makes") != std::string::npos);
  set_deterministic(true);
  CHECK(guarantee_of(Device::cuda).find("to the last bit, on the same GPU") != std::string::npos);
}

}  // namespace
}  // namespace mneme::test
