#include "tests/incremental/report/made_up_run.h"

#include "incremental/experiment/storage/run_folder.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/run_format.h"

namespace mneme::test {
namespace {

Triangle shifted(Triangle rows, double shift) {
  for (std::vector<double>& row : rows)
    for (double& a : row) a += shift;
  return rows;
}

/// Ten test images of every class. Those of old classes are predicted as the newest class.
ConfusionMatrix forgetful(int classes) {
  ConfusionMatrix confusion(classes);
  for (int c = 0; c < classes; ++c) {
    confusion.add(c, c, 6);
    confusion.add(c, classes - 1, 4);
  }
  return confusion;
}

}  // namespace

RunResult made_up_run(const std::string& method, std::uint64_t seed, double shift) {
  RunResult run;
  run.method = method;
  run.description = "Made up.";
  run.data_set = "CIFAR-6";
  run.seed = seed;
  run.classes_per_task = {2, 2, 2};
  run.test_images_per_task = {20, 20, 20};
  run.task_aware = AccuracyMatrix(shifted({{.80}, {.70, .90}, {.75, .85, .60}}, shift));
  run.task_agnostic = AccuracyMatrix(shifted({{.80}, {.40, .90}, {.20, .40, .90}}, shift));
  run.confusion = forgetful(6);
  for (int task = 0; task < 3; ++task)
    for (int epoch = 1; epoch <= 2; ++epoch) run.epochs.push_back({task, epoch, "train", 2.0 / epoch, {}, .1, 1, 1});
  run.protocol = "aaaaaaaaaaaa";
  run.data_id = "dddddddddddd";
  run.settings = {{"method", {{"name", method}, {"alpha", 1.0}}},
                  {"class_order", {4, 2, 0, 1, 3, 5}},
                  {"training", {{"epochs", 2}, {"batch_size", 16}}},
                  {"data", {{"name", "CIFAR-6"}, {"id", "dddddddddddd"}}},
                  {"seed", seed},
                  {"preset", ""},
                  {"format", run_format},
                  {"device", "cpu"},
                  {"protocol", "aaaaaaaaaaaa"}};
  return run;
}

RunResult made_up_unfinished(const std::string& method) {
  RunResult run = made_up_run(method);
  for (AccuracyMatrix* accuracy : {&run.task_aware, &run.task_agnostic}) {
    Triangle rows = accuracy->rows();
    rows.pop_back();
    *accuracy = AccuracyMatrix(rows);
  }
  run.confusion = forgetful(4);
  run.test_images_per_task.pop_back();
  return run;
}

void write_run(const std::filesystem::path& path, const RunResult& run) {
  const RunFolder folder(path);
  std::vector<nlohmann::json> epochs;
  for (const EpochRecord& epoch : run.epochs) epochs.push_back(as_json(epoch));
  folder.write_settings(run.settings);
  folder.write_metrics(epochs);
  const ClassLabels labels{run.class_names, {}};
  folder.write_confusion(run.confusion, labels);
  if (!run.last_layer.empty()) folder.write_last_layer(run.last_layer, run.classes_per_task, labels);
  folder.write_summary(summary(run));
}

}  // namespace mneme::test
