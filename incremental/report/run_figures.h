#pragma once
// The pictures of a run: each takes the numbers from a RunResult and leaves the drawing to charts and heat maps.

#include "incremental/report/charts/line_chart.h"
#include "incremental/report/results/run_result.h"

#include <span>
#include <string>

namespace mneme {

/// Accuracy over all test images seen so far against classes seen, task-agnostic and task-aware.
std::string accuracy_per_step_figure(const RunResult& run);

/// Mean forgetting after each step, likewise.
std::string forgetting_per_step_figure(const RunResult& run);

/// One curve per task: its accuracy after every later task. `kind` is "task-agnostic" or "task-aware".
std::string task_curves_figure(const AccuracyMatrix& accuracy, const std::string& kind);

/// a[t][u] as a heat map.
std::string accuracy_figure(const AccuracyMatrix& accuracy, const std::string& kind);

/// f[t][u] as a heat map, losses orange and gains blue, colours up to `limit`.
std::string forgetting_figure(const AccuracyMatrix& accuracy, const std::string& kind, double limit);

/// Share of predictions per task beside the share of test images.
std::string prediction_share_figure(const RunResult& run);

/// A number of the last layer, and what pictures call it.
struct HeadQuantity {
  double ClassOutput::*value;
  const char *title, *label;
};
inline constexpr HeadQuantity weight_lengths{&ClassOutput::weight_length, "Lengths of weights", "length"},
    biases{&ClassOutput::bias, "Biases", "bias"}, mean_logits{&ClassOutput::mean_logit, "Mean logits", "logit"};

/// One curve per task: the mean over its classes, after it and every later task.
LineChart head_levels_chart(const RunResult& run, const HeadQuantity& quantity);
std::string head_levels_figure(const RunResult& run, const HeadQuantity& quantity);
/// Every class after the last task, one colour per task.
std::string class_levels_figure(const RunResult& run, const HeadQuantity& quantity);

/// Training loss of every epoch, and validation accuracy where it was measured (empty text where it never was).
std::string loss_figure(const RunResult& run);
std::string validation_figure(const RunResult& run);
/// Empty unless the method learns its weight of old classes.
std::string alpha_figure(const RunResult& run);

}  // namespace mneme
