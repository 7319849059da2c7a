#pragma once
// The figures of one run. Each function takes the values from a RunResult and returns a <figure>.

#include "incremental/report/charts/line_chart.h"
#include "incremental/report/results/run_result.h"

#include <span>
#include <string>

namespace mneme {

/// Accuracy over all test images seen so far, against the number of classes seen, task-agnostic and task-aware.
std::string accuracy_per_step_figure(const RunResult& run);

/// Mean forgetting after each step in the same form.
std::string forgetting_per_step_figure(const RunResult& run);

/// One curve per task: its accuracy after every later task. `kind` is "task-agnostic" or "task-aware".
std::string task_curves_figure(const AccuracyMatrix& accuracy, const std::string& kind);

/// a[t][u] as a heat map; `kind` as above.
std::string accuracy_figure(const AccuracyMatrix& accuracy, const std::string& kind);

/// f[t][u] as a heat map: forgetting is orange, improvement is blue, and the colours end at `limit`.
std::string forgetting_figure(const AccuracyMatrix& accuracy, const std::string& kind, double limit);

/// The share of predictions per task next to the share of test images.
std::string prediction_share_figure(const RunResult& run);

/// A value of the last layer, with its texts.
struct HeadQuantity {
  double ClassOutput::*value;  ///< the member
  const char *title,           ///< caption of the figure
      *label;                  ///< name of the y axis
};
/// The norms of the weight vectors.
inline constexpr HeadQuantity weight_lengths{&ClassOutput::weight_length, "Lengths of weights", "length"},
    /// The biases.
    biases{&ClassOutput::bias, "Biases", "bias"},
    /// The mean logits.
    mean_logits{&ClassOutput::mean_logit, "Mean logits", "logit"};

/// One curve per task: the mean of the value over the task's classes, after this and every later task.
LineChart head_levels_chart(const RunResult& run, const HeadQuantity& quantity);
/// The chart as a HTML figure.
std::string head_levels_figure(const RunResult& run, const HeadQuantity& quantity);
/// The value of every class after the last task, one colour per task.
std::string class_levels_figure(const RunResult& run, const HeadQuantity& quantity);

/// Training loss of every epoch.
std::string loss_figure(const RunResult& run);
/// Validation accuracy of every epoch that has one; empty if none has.
std::string validation_figure(const RunResult& run);
/// The share of each term in the loss, a curve per term; empty if the loss has one term or none is known.
std::string terms_figure(const RunResult& run);
/// The validation loss; empty if no epoch has one.
std::string validation_loss_figure(const RunResult& run);
/// The gradient's norm before clipping; empty if no epoch has one.
std::string gradient_figure(const RunResult& run);
/// A figure for each of the method's own numbers: alpha, rho, lambda_t, learned scales.
std::string number_figures(const RunResult& run);

/// Accuracy on old and on new classes after each task, task-agnostic; empty for a run of one task.
std::string old_and_new_figure(const RunResult& run);
/// What the network's logits and the nearest means of exemplars predict, task-agnostic; empty without a memory.
std::string rule_figure(const RunResult& run);
/// The accuracy on every class after the last task, task-agnostic, one colour per task.
std::string class_accuracy_figure(const RunResult& run);

}  // namespace mneme
