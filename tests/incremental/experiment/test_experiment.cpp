#include "data/files/text_lines.h"
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
#include "incremental/models/model_file.h"
#include "tests/incremental/tiny_run.h"

namespace mneme::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

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
  CHECK(read_model(folder.model_path(1)).info.class_names.size() == 4);
  State stored;
  for (const auto& [name, tensor] : model.tensors) stored[name] = tensor.floats();
  CHECK(changed(state_of(experiment.net()), stored).empty());
  CHECK(fs::exists(folder.model_path(0)));
  std::istringstream metrics(read_file(folder.path() / "metrics.jsonl"));
  std::string line;
  int lines = 0;
  while (std::getline(metrics, line)) CHECK(json::parse(line)["task"] == ++lines);
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
  CHECK(message.find("task 2") != std::string::npos);
  CHECK(message.find("step") != std::string::npos);
  CHECK(json::parse(read_file(folder.path() / "summary.json"))["accuracy_task_aware"].size() == 1);
  CHECK(read_model(folder.model_path(0)).info.class_names.size() == 2);
  CHECK_FALSE(fs::exists(folder.model_path(1)));
  CHECK(json::parse(read_file(folder.path() / "metrics.jsonl"))["task"] == 1);
}

TEST_CASE("a run is the same bit for bit, again and with any number of threads") {
  ExperimentOptions o = tiny_options("il-baseline");
  o.memory = {MemoryBudget::Kind::per_class, 2, false};
  o.method = "il-baseline-balanced";
  o.train.epochs = 2;
  o.train.clip_norm = 1;
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

}  // namespace
}  // namespace mneme::test
