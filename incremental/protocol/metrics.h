#pragma once
// The measures of a class-incremental run. Papers give the same name to different averages, so every function here
// states its formula: docs/methods/protocol.md#metrics. All values are fractions of 1 in full precision; rounding
// happens only when a number is printed.
//
// Notation: t is a step (the task just learned), u <= t a task tested after it, T the number of steps done, a[t][u] an
// accuracy, n_u the number of classes (or of test images) of task u, and N_t = n_0 + ... + n_t.

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace mneme {

/// The rows of a lower triangular matrix: row t holds the t + 1 entries u = 0..t.
using Triangle = std::vector<std::vector<double>>;

/// The accuracies a[t][u] on the test images of task u after learning task t. A run keeps two such matrices: task-aware
/// (the prediction is made among the classes of task u) and task-agnostic (among all classes seen until t).
class AccuracyMatrix {
 public:
  /// An empty matrix.
  AccuracyMatrix() = default;
  /// A matrix from stored rows. Throws Error if row t does not have t + 1 entries or an entry is outside [0, 1].
  explicit AccuracyMatrix(const Triangle& rows);

  /// Adds the row of the next step: one accuracy per task learned so far, the newest last. Throws like the constructor.
  void add_row(std::vector<double> row);

  /// The number of steps done, T.
  int steps() const { return static_cast<int>(rows_.size()); }
  /// True before the first step.
  bool empty() const { return rows_.empty(); }
  double at(int step, int task) const;  ///< a[step][task]; requires 0 <= task <= step < steps().
  /// All rows.
  const Triangle& rows() const { return rows_; }

 private:
  Triangle rows_;
};

// Measures per step: one value for each t.

/// mean_u a[t][u]: every task has the same weight. FACIL calls it "avg_accs"; "Rethinking softmax" plots it.
std::vector<double> mean_over_tasks_per_step(const AccuracyMatrix& accuracy);

/// Acc_t = sum_u w_u a[t][u] / sum_u w_u over u <= t. With w = test images per task this is the top-1 accuracy over all
/// test images seen so far; with w = classes per task it is FACIL's "wavg_accs". Both are equal if the classes are
/// balanced. Throws Error unless there are at least as many weights as steps, all positive.
std::vector<double> weighted_accuracy_per_step(const AccuracyMatrix& accuracy, std::span<const double> task_weights);

/// f[t][u] = max_{s<t} a[s][u] - a[t][u] for u < t. Row t holds t entries, so row 0 is empty. A negative value means
/// that task u improved. Chaudhry et al., "Riemannian walk", ECCV 2018, section 3.2; FACIL uses the same formula.
Triangle forgetting(const AccuracyMatrix& accuracy);

/// mean_{u<t} f[t][u]; NaN for t = 0, since nothing can be forgotten yet.
std::vector<double> mean_forgetting_per_step(const AccuracyMatrix& accuracy);

// Measures of the whole run: one value each. The value is NaN if the mean has no terms.

/// (1/T) sum_t Acc_t, the base step included: the "average incremental accuracy" of iCaRL, in the form that Balanced
/// Softmax, LUCIR, PODNet and SS-IL report. `per_step` is the result of weighted_accuracy_per_step().
double mean_over_steps(std::span<const double> per_step);

/// The mean over the steps without t = 0, as EEIL and IL2M report it.
double mean_over_steps_without_base(std::span<const double> per_step);

/// sum_t N_t Acc_t / sum_t N_t: the average weighted by classes seen, which LUCIR's tools print. `task_classes` holds
/// the classes n_u of each task. Throws Error unless there are at least as many as steps, all positive.
double mean_over_steps_weighted_by_classes_seen(std::span<const double> per_step, std::span<const double> task_classes);

/// The mean of all a[t][u] with u <= t, each entry with the same weight: Abar in the tables of "Rethinking softmax in
/// incremental learning", which uses task-aware accuracies. It differs from the mean of the row means.
double mean_over_all_entries(const AccuracyMatrix& accuracy);

/// The mean of all f[t][u] with u < t: Fbar by the definition in "Rethinking softmax in incremental learning".
double mean_forgetting_over_all_entries(const AccuracyMatrix& accuracy);

/// The mean of max(f[t][u], 0): Fbar as the scripts of that paper compute it, where an improvement counts as zero.
double mean_clipped_forgetting_over_all_entries(const AccuracyMatrix& accuracy);

/// a[T-1][0]: the accuracy on the base task after the last step.
double final_base_accuracy(const AccuracyMatrix& accuracy);

/// mean_{u<T} a[T][u] - a[u][u]: how much learning later tasks changed the accuracy on earlier ones since they were
/// learned; negative if they were forgotten. Lopez-Paz and Ranzato, "Gradient Episodic Memory", NeurIPS 2017, BWT.
double backward_transfer(const AccuracyMatrix& accuracy);

/// mean_t a[t][t]: the accuracy on each task just after it was learned.
double learning_accuracy(const AccuracyMatrix& accuracy);

/// mean_t a*_t - a[t][t]: how much worse each task was learned than by a reference, whose accuracy on task t after
/// learning all tasks up to t is a*_t. Chaudhry et al., "Riemannian walk", ECCV 2018, section 3.3, where the reference
/// sees all images so far. NaN unless the reference did as many tasks.
double intransigence(const AccuracyMatrix& accuracy, std::span<const double> reference);

/// a[t][t] for every step t.
std::vector<double> diagonal(const AccuracyMatrix& accuracy);

/// The accuracies of a step on the classes of the old tasks and on those of the newest one.
struct OldAndNew {
  double old_classes = 0,  ///< over the test images of the tasks before it; NaN in the first
      new_classes = 0;     ///< on the task just learned
};
/// The same for every step. Tasks are weighted as in weighted_accuracy_per_step(), which throws as this function does.
std::vector<OldAndNew> old_and_new_per_step(const AccuracyMatrix& accuracy, std::span<const double> task_weights);

/// Counts of pairs (true class, predicted class), both as global labels 0..classes-1. Only pairs that occurred use
/// memory.
class ConfusionMatrix {
 public:
  /// Counts by (true class, predicted class), in this order.
  using Counts = std::map<std::pair<int, int>, std::int64_t>;

  /// An empty matrix. Throws Error if `classes` is negative.
  explicit ConfusionMatrix(int classes = 0);

  /// Adds `count` images. Throws Error if a label is outside 0..classes-1.
  void add(int truth, int predicted, std::int64_t count = 1);

  /// The number of classes.
  int classes() const { return classes_; }
  /// How many images of class `truth` were predicted as `predicted`.
  std::int64_t count(int truth, int predicted) const;
  /// All counts that are not 0.
  const Counts& counts() const { return counts_; }
  /// The number of images counted.
  std::int64_t total() const;
  /// The number of images of class `truth`.
  std::int64_t total_of(int truth) const;
  /// Per class: the share of its images that was predicted right; NaN for a class without images.
  std::vector<double> class_accuracies() const;
  /// The sum of the diagonal over the total; NaN if nothing was counted.
  double accuracy() const;

 private:
  int classes_;
  Counts counts_;
};

/// Per task: the share of all predictions, and the share of all test images, that belong to its classes. If the newest
/// task's share of predictions exceeds its share of images, the network is biased towards new classes.
struct TaskShares {
  std::vector<double> predicted;    ///< share of the predictions
  std::vector<double> true_images;  ///< share of the test images
};

/// The shares per task. Classes belong to tasks in label order: the first `classes_per_task[0]` to task 0, and so on.
/// Throws Error if the sizes do not add up to the number of classes of the matrix.
TaskShares shares_per_task(const ConfusionMatrix& confusion, std::span<const int> classes_per_task);

}  // namespace mneme
