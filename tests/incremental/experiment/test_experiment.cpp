#include "incremental/experiment/experiment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "data/files/file_bytes.h"
#include "engine/base/parallel.h"
#include "engine/safetensors.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string usage_message(const ExperimentOptions& options, const ResidentDataset& data = tiny_data()) {
  try {
    Experiment experiment(options, data);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no usage error";
}

/// The ledger, by task and class.
using Ledger = std::map<int, std::map<int, std::vector<ExemplarRow>>>;

Ledger read_ledger(const fs::path& file) {
  Ledger ledger;
  std::istringstream lines(read_file(file));
  std::string line;
  std::getline(lines, line);
  CHECK(line == "task,class,rank,index,distance");
  while (std::getline(lines, line)) {
    ExemplarRow r;
    char comma;
    std::istringstream(line) >> r.task >> comma >> r.class_label >> comma >> r.rank >> comma >> r.index >> comma >>
        r.distance;
    ledger[r.task][r.class_label].push_back(r);
  }
  return ledger;
}

std::vector<std::int64_t> images_of(const std::vector<ExemplarRow>& rows) {
  std::vector<std::int64_t> images;
  for (const ExemplarRow& row : rows) images.push_back(row.index);
  return images;
}

/// Runs six classes in three tasks, checks the properties that every ledger must have, and returns the ledger.
Ledger checked_ledger(ExperimentOptions o,
                      const std::function<void(const TaskContext&, const Subset&)>& at_start = {}) {
  o.scenario.tasks = 3;
  o.scenario.order = "shuffled:3";
  const ResidentDataset data = tiny_data(6, 8, 2);
  const ScratchFolder scratch;
  Experiment experiment(o, data);
  RunFolder folder(scratch / "run");
  ExperimentCallbacks callbacks;
  callbacks.on_task_start = [&](int, const TaskContext& context, const Subset& subset) {
    if (at_start) at_start(context, subset);
  };
  experiment.run(folder, callbacks);
  const Ledger ledger = read_ledger(folder.path() / "exemplars.csv");
  const Scenario& s = experiment.scenario();
  CHECK(ledger.size() == 3);
  for (const auto& [task, classes] : ledger) {
    CHECK(classes.size() == static_cast<size_t>(2 * (task + 1)));
    for (const auto& [label, rows] : classes) {
      const std::vector<int>& candidates =
          s.train[static_cast<size_t>(label / 2)].images;  // without the images set aside for validation
      std::set<std::int64_t> different;
      for (size_t rank = 0; rank < rows.size(); ++rank) {
        CHECK(rows[rank].rank == static_cast<int>(rank));
        CHECK(data.train.labels[static_cast<size_t>(rows[rank].index)] == s.order[static_cast<size_t>(label)]);
        CHECK(std::count(candidates.begin(), candidates.end(), static_cast<int>(rows[rank].index)) == 1);
        different.insert(rows[rank].index);
      }
      CHECK(different.size() == rows.size());
    }
  }
  return ledger;
}

size_t total(const std::map<int, std::vector<ExemplarRow>>& classes) {
  size_t sum = 0;
  for (const auto& [label, rows] : classes) sum += rows.size();
  return sum;
}

ExperimentOptions remembering(MemoryBudget budget, Selection selection = Selection::herding) {
  ExperimentOptions o = tiny_options("il-baseline");
  o.memory = budget;
  o.selection = selection;
  return o;
}

TEST_CASE("a growing memory keeps as many images of every class, chosen once and never touched again") {
  for (const Selection selection : {Selection::herding, Selection::random, Selection::entropy, Selection::distance}) {
    const Ledger ledger = checked_ledger(remembering({MemoryBudget::Kind::per_class, 3, false}, selection));
    for (const auto& [task, classes] : ledger)
      for (const auto& [label, rows] : classes) {
        CHECK(rows.size() == 3);
        CHECK(images_of(rows) == images_of(ledger.at(label / 2).at(label)));
      }
  }
}

TEST_CASE("a total memory never holds more than its budget, and old classes keep the front of their ranking") {
  const Ledger ledger = checked_ledger(remembering({MemoryBudget::Kind::total, 10, false}));
  for (const auto& [task, share] : std::map<int, size_t>{{0, 5}, {1, 2}, {2, 1}}) {
    CHECK(total(ledger.at(task)) <= 10);
    for (const auto& [label, rows] : ledger.at(task)) CHECK(rows.size() == share);
  }
  for (const int label : {0, 1}) {
    const std::vector<std::int64_t> first = images_of(ledger.at(0).at(label));
    CHECK(images_of(ledger.at(1).at(label)) == std::vector(first.begin(), first.begin() + 2));
    CHECK(images_of(ledger.at(2).at(label)) == std::vector(first.begin(), first.begin() + 1));
  }
}

TEST_CASE("rounded up, as in FACIL, a total memory may exceed its budget by less than one image a class") {
  const Ledger ledger = checked_ledger(remembering({MemoryBudget::Kind::total, 10, true}));
  CHECK(total(ledger.at(1)) == 12);
  CHECK(total(ledger.at(2)) == 12);
}

TEST_CASE("asked to, a shrinking memory chooses old exemplars anew among all it still holds") {
  ExperimentOptions o = remembering({MemoryBudget::Kind::total, 10, false}, Selection::entropy);
  o.train.epochs = 3;
  o.reselect_old = true;
  const Ledger ledger = checked_ledger(o);
  bool another_choice = false;
  for (const int label : {0, 1}) {
    const std::vector<std::int64_t> first = images_of(ledger.at(0).at(label)),
                                    second = images_of(ledger.at(1).at(label));
    for (const std::int64_t image : second) {
      const auto rank = std::find(first.begin(), first.end(), image) - first.begin();
      CHECK(rank < 5);
      another_choice |= rank >= 2;  // truncation would have removed it
    }
  }
  CHECK(another_choice);
}

TEST_CASE("random exemplars depend on seed and class") {
  ExperimentOptions o = remembering({MemoryBudget::Kind::per_class, 4, false}, Selection::random);
  o.scenario.validation_fraction = 0;
  const Ledger one = checked_ledger(o), again = checked_ledger(o);
  o.seed = 2;
  const Ledger other = checked_ledger(o);
  const auto places = [](const Ledger& ledger, int label) {  // out of the class's eight images
    std::vector<std::int64_t> out = images_of(ledger.at(2).at(label));
    for (std::int64_t& image : out) image /= 6;
    return out;
  };
  int differing_seeds = 0, differing_classes = 0;
  for (int label = 0; label < 6; ++label) {
    CHECK(places(one, label) == places(again, label));
    differing_seeds += places(one, label) != places(other, label);
    if (label % 2 == 1) differing_classes += places(one, label) != places(one, label - 1);
  }
  CHECK(differing_seeds >= 5);
  CHECK(differing_classes >= 2);
}

TEST_CASE("a task trains on its images and the exemplars, and counts them by class") {
  checked_ledger(remembering({MemoryBudget::Kind::per_class, 2, false}),
                 [](const TaskContext& context, const Subset& subset) {
                   CHECK(context.has_exemplars == (context.task > 0));
                   std::vector<int64_t> expected(static_cast<size_t>(context.old_classes()), 2);
                   expected.insert(expected.end(), 2, 6);
                   CHECK(context.class_counts == expected);
                   CHECK(subset.size() == static_cast<size_t>(2 * context.old_classes() + 12));
                   CHECK(std::set<int>(subset.images.begin(), subset.images.end()).size() == subset.size());
                 });
}

TEST_CASE("a class with fewer images than exemplars asked for keeps them all") {
  const Ledger ledger = checked_ledger(remembering({MemoryBudget::Kind::per_class, 50, false}));
  for (const auto& [label, rows] : ledger.at(2)) CHECK(rows.size() == 6);
}

TEST_CASE("a run's numbers are those of its folder: accuracies, models, metrics, settings, report") {
  ExperimentOptions o = tiny_options("lwf");
  o.save_models = true;
  const ResidentDataset data = tiny_data();
  const ScratchFolder scratch;
  RunFolder folder(scratch / "run");
  Experiment experiment(o, data);
  const RunResult result = experiment.run(folder, {});
  CHECK(result.tasks_done() == 2);
  const json summary = json::parse(read_file(folder.path() / "summary.json")),
             settings = json::parse(read_file(folder.path() / "run.json"));
  CHECK(summary["method"] == "lwf");
  CHECK(summary["accuracy_task_aware"][1][0] == result.task_aware.at(1, 0));
  CHECK(settings["class_order"] == std::vector<int>{0, 1, 2, 3});
  CHECK(settings["classes_per_task"] == std::vector<int>{2, 2});
  const SafetensorsFile model = read_safetensors(folder.model_path(1));
  CHECK(model.metadata.at("classes") == "4");
  State stored;
  for (const auto& [name, tensor] : model.tensors) stored[name] = tensor.floats();
  CHECK(changed(state_of(experiment.net()), stored).empty());
  CHECK(fs::exists(folder.model_path(0)));
  std::istringstream metrics(read_file(folder.path() / "metrics.jsonl"));
  std::string line;
  int lines = 0;
  while (std::getline(metrics, line)) CHECK(json::parse(line)["task"] == lines++);
  CHECK(lines == 2);
  const std::vector<ClassWeight> weights = experiment.net().classifier->class_weights();
  REQUIRE(result.last_layer.size() == 2);
  REQUIRE(result.last_layer[1].size() == 4);
  CHECK(result.last_layer[1][3].weight_length == weights[3].length);
  CHECK(result.last_layer[1][3].bias == weights[3].bias);
  CHECK(read_lines(folder.path() / "last_layer.csv").size() == 1 + 2 + 4);
  CHECK(read_file(folder.path() / "report.html").find("<h2>Last layer") != std::string::npos);
  CHECK_FALSE(fs::exists(folder.path() / "exemplars.csv"));
}

TEST_CASE("without models to save there are none") {
  const ScratchFolder scratch;
  const ResidentDataset data = tiny_data();
  RunFolder folder(scratch / "run");
  Experiment(tiny_options("finetuning"), data).run(folder, {});
  CHECK_FALSE(fs::exists(folder.model_path(0)));
}

TEST_CASE("a loss that runs away stops the run with task, epoch and step, and what was written stays whole") {
  ExperimentOptions o = tiny_options("finetuning");
  o.save_models = true;
  o.train.warmup_epochs = 3;
  o.train.warmup_factor = 1e38;  // the new head of the second task becomes infinite
  const ResidentDataset data = tiny_data();
  const ScratchFolder scratch;
  RunFolder folder(scratch / "run");
  Experiment experiment(o, data);
  std::string message;
  try {
    experiment.run(folder, {});
  } catch (const Error& error) {
    message = error.what();
    CHECK(error.exit_code() == 1);
  }
  CAPTURE(message);
  CHECK(message.find("task 1") != std::string::npos);
  CHECK(message.find("step") != std::string::npos);
  CHECK(json::parse(read_file(folder.path() / "summary.json"))["accuracy_task_aware"].size() == 1);
  CHECK(read_safetensors(folder.model_path(0)).metadata.at("classes") == "2");
  CHECK_FALSE(fs::exists(folder.model_path(1)));
  CHECK(json::parse(read_file(folder.path() / "metrics.jsonl"))["task"] == 0);
}

TEST_CASE("a run is the same bit for bit, again and with any number of threads") {
  ExperimentOptions o = remembering({MemoryBudget::Kind::per_class, 2, false});
  o.method = "il-baseline-balanced";
  o.train.epochs = 2;
  o.train.clip = 1;
  const int before = threads();
  set_threads(1);
  const Finished one = finish(o);
  for (const int count : {1, 2, 4}) {
    CAPTURE(count);
    set_threads(count);
    const Finished again = finish(o);
    CHECK(again.step_losses == one.step_losses);
    CHECK(changed(one.states[1], again.states[1]).empty());
    CHECK(again.result.task_agnostic.rows() == one.result.task_agnostic.rows());
  }
  set_threads(before);
  o.seed = 9;
  CHECK(finish(o).step_losses != one.step_losses);
}

TEST_CASE("every class may be a task of its own") {
  ExperimentOptions o = tiny_options("lwf");
  o.scenario.tasks = 4;
  const Finished run = finish(o);
  CHECK(run.result.tasks_done() == 4);
  CHECK(run.result.task_aware.rows() == Triangle{{1}, {1, 1}, {1, 1, 1}, {1, 1, 1, 1}});
  for (const double loss : run.step_losses) CHECK(std::isfinite(loss));
}

TEST_CASE("a run may stop after some of its tasks") {
  ExperimentOptions o = tiny_options("finetuning");
  o.scenario.tasks = 4;
  o.scenario.stop_after = 2;
  const Finished run = finish(o);
  CHECK(run.result.tasks_done() == 2);
  CHECK(run.result.tasks_planned() == 4);
  CHECK(run.result.confusion.classes() == 2);
}

TEST_CASE("without a validation split all images train, and validation is unknown, not zero") {
  ExperimentOptions o = tiny_options("finetuning");
  o.scenario.validation_fraction = 0;
  const Finished run = finish(o);
  CHECK(run.step_losses.size() == 2 * 3);  // 16 images in batches of 6
  for (const EpochRecord& epoch : run.result.epochs) CHECK_FALSE(epoch.validation_accuracy);
}

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
    return usage_message(o);
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
      {"--clip-norm must be at least 0, got -1", [](auto& o) { o.train.clip = -1; }},
      {"--clip-value must be at least 0, got -1", [](auto& o) { o.train.clamp = -1; }},
      {"--lr-lag must be at least 0, got -1", [](auto& o) { o.train.schedule_lag = -1; }},
      {"--milestones must lie in [0, 1], got 80",
       [](auto& o) {
         o.train.milestones = {0.5, 80};
       }},
      {"--lr-gamma must be more than 0, got 0", [](auto& o) { o.train.step_factor = 0; }},
      {"--lr-factor must be more than 1, got 1", [](auto& o) { o.train.patience.factor = 1; }},
      {"--lr-patience must be at least 1, got 0", [](auto& o) { o.train.patience.patience = 0; }},
      {"--lr-min must be at least 0, got -1", [](auto& o) { o.train.patience.least = -1; }},
      {"--warmup-epochs must be at least 0, got -2", [](auto& o) { o.train.warmup_epochs = -2; }},
      {"--warmup-factor must be more than 0, got 0", [](auto& o) { o.train.warmup_factor = 0; }},
      {"--brightness must lie in [0, 1], got 1.5", [](auto& o) { o.train.augmentation.brightness = 1.5; }},
      {"--lambda must be at least 0, got -1", [](auto& o) { o.method_options.lambda = -1; }},
      {"--temperature must be more than 0, got 0", [](auto& o) { o.method_options.temperature = 0; }},
      {"--sr-joint must be at least 0, got -1", [](auto& o) { o.method_options.sr_joint = -1; }},
      {"--bsr-binary must be at least 0, got -1", [](auto& o) { o.method_options.bsr_binary = -1; }},
      {"--alpha must be more than 0, got 0", [](auto& o) { o.method_options.alpha = 0; }},
      {"--freeze-after must be at least -1, got -2", [](auto& o) { o.method_options.freeze_after = -2; }},
      {"unknown network 'resnet1'; did you mean 'resnet8'? Known: resnet8, resnet14, resnet20, resnet32, resnet44, "
       "resnet56, resnet110, resnet18, resnet34, resnet50",
       [](auto& o) { o.network.name = "resnet1"; }},
  };
  for (const auto& [expected, change] : wrong) {
    ExperimentOptions o = tiny_options("lwf");
    change(o);
    CHECK(usage_message(o) == expected);
  }
}

TEST_CASE("a run may take over another's first task, and then goes on as if it had trained it") {
  const ResidentDataset data = tiny_data();
  const ScratchFolder scratch;
  ExperimentOptions first = tiny_options("finetuning"), second = tiny_options("lwf");
  first.save_models = true;
  {
    RunFolder folder(scratch / "first");
    Experiment(first, data).run(folder, {});
  }
  second.first_task_from = scratch / "first";
  const Finished taken = finish(second);
  second.first_task_from.clear();
  const Finished whole = finish(second);
  CHECK(changed(whole.states[0], taken.states[0]).empty());
  CHECK(changed(whole.states[1], taken.states[1]).empty());
  CHECK(taken.step_losses.size() == whole.step_losses.size() / 2);

  second.first_task_from = scratch / "first";
  const auto refusal = [&] {
    try {
      (void)finish(second);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  second.train.epochs = 2;
  CHECK(refusal().find("its training differs") != std::string::npos);
  second.train.epochs = 1;
  second.seed = 5;
  CHECK(refusal().find("its seed differs") != std::string::npos);
  second.seed = 1;
  second.method = "freezing";
  second.method_options.freeze_after = -1;  // an untrained backbone makes another first task
  CHECK(refusal().find("its loss differs") != std::string::npos);
  second.method = "lwf";
  second.first_task_from = scratch / "nowhere";
  CHECK(refusal().find("cannot read") != std::string::npos);
  scratch.write("broken/run.json", "{\"first_task");
  second.first_task_from = scratch / "broken";
  CHECK(refusal().find("does not say how its first task was trained") != std::string::npos);
}

}  // namespace
}  // namespace mneme::test
