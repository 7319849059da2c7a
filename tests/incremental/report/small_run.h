#pragma once
// Invented results of a run with three tasks of two classes, for tests of charts.

#include "incremental/report/results/run_result.h"

namespace mneme::test {

/// Two classes per task, with the accuracies of the worked example in test_metrics.cpp.
inline RunResult small_run() {
  RunResult run;
  run.method = "lwf";
  run.data_set = "generated images";
  run.seed = 7;
  run.classes_per_task = {2, 2, 2};
  run.task_aware = AccuracyMatrix({{.80}, {.70, .90}, {.75, .85, .60}});
  run.task_agnostic = AccuracyMatrix({{.80}, {.40, .90}, {.20, .40, .90}});
  run.confusion = ConfusionMatrix(6);
  for (int c = 0; c < 6; ++c) run.confusion.add(c, c, 3);
  run.confusion.add(0, 5, 7);
  run.confusion.add(1, 4, 4);
  for (int task = 0; task < 3; ++task)
    for (int epoch = 1; epoch <= 2; ++epoch) run.epochs.push_back({task, epoch, "train", 2.0 / epoch, .5, .1, 1000});
  run.settings = {{"method", "lwf"}, {"optimiser", {{"lr", .1}}}, {"class_order", {4, 2, 0, 1, 3, 5}}};
  return run;
}

}  // namespace mneme::test
