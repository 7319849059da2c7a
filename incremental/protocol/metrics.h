#pragma once
// The numbers a class-incremental run is judged by. Papers use the same words for different averages, so here every
// name says its formula. Everything is a fraction of 1, in full precision; rounding happens when a number is printed.
//
// Letters: t is the step (task just learned), u <= t a task tested then, T the number of steps done,
// a[t][u] an accuracy, n_u the number of classes (or test images) of task u, N_t = n_0 + ... + n_t.

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace mneme {

/// Rows of a lower triangle: row t holds the t + 1 entries u = 0..t.
using Triangle = std::vector<std::vector<double>>;

/// a[t][u]: accuracy on the test images of task u after learning task t. A run keeps two of them: task-aware (the
/// prediction is made among the classes of task u only) and task-agnostic (among all classes seen until t).
class AccuracyMatrix {
 public:
  AccuracyMatrix() = default;
  /// From stored rows. Throws Error when row t has not t + 1 entries or an entry is outside [0, 1].
  explicit AccuracyMatrix(const Triangle& rows);

  /// Adds the row of the next step: one accuracy per task learned so far, the newest last. Throws like the constructor.
  void add_row(std::vector<double> row);

  int steps() const { return static_cast<int>(rows_.size()); }
  bool empty() const { return rows_.empty(); }
  double at(int step, int task) const;
  const Triangle& rows() const { return rows_; }

 private:
  Triangle rows_;
};

// Per step: one value for each t.

/// mean_u a[t][u]: every task counts the same ("avg_accs" of FACIL; the curves of "Rethinking softmax").
std::vector<double> mean_over_tasks_per_step(const AccuracyMatrix& accuracy);

/// Acc_t = sum_u w_u a[t][u] / sum_u w_u for u <= t. With w = test images per task this is the top-1 accuracy over all
/// test images seen so far; with w = classes per task it is FACIL's "wavg_accs". Equal when classes are balanced.
/// Needs at least as many positive weights as steps.
std::vector<double> weighted_accuracy_per_step(const AccuracyMatrix& accuracy, std::span<const double> task_weights);

/// f[t][u] = max_{s<t} a[s][u] - a[t][u] for u < t, row t holding t entries (row 0 none). Negative: task u improved.
/// Chaudhry et al., "Riemannian walk", ECCV 2018, section 3.2; the same in FACIL.
Triangle forgetting(const AccuracyMatrix& accuracy);

/// mean_{u<t} f[t][u]; NaN for t = 0, where nothing can be forgotten yet.
std::vector<double> mean_forgetting_per_step(const AccuracyMatrix& accuracy);

// Over the whole run: one value. NaN where the mean has no terms.

/// (1/T) sum_t Acc_t, base step included: "average incremental accuracy" of iCaRL as Balanced Softmax, LUCIR,
/// PODNet and SS-IL report it. `per_step` is the result of weighted_accuracy_per_step.
double mean_over_steps(std::span<const double> per_step);

/// The same without t = 0, as EEIL and IL2M report it.
double mean_over_steps_without_base(std::span<const double> per_step);

/// sum_t N_t Acc_t / sum_t N_t: the class-weighted average printed by LUCIR's tools.
double mean_over_steps_weighted_by_classes_seen(std::span<const double> per_step, std::span<const double> task_classes);

/// Mean of all a[t][u], u <= t, every entry counting once: Abar in the tables of "Rethinking softmax in incremental
/// learning" (there task-aware). Not the mean of the row means.
double mean_over_all_entries(const AccuracyMatrix& accuracy);

/// Mean of all f[t][u], u < t: Fbar as that paper defines it.
double mean_forgetting_over_all_entries(const AccuracyMatrix& accuracy);

/// Mean of max(f[t][u], 0): Fbar as that paper's scripts compute it, where an improvement counts as zero.
double mean_clipped_forgetting_over_all_entries(const AccuracyMatrix& accuracy);

/// a[T-1][0]: what is left of the base task after the last step (task-agnostic: against all classes).
double final_base_accuracy(const AccuracyMatrix& accuracy);

/// Counts of (true class, predicted class), both as global labels 0..classes-1. Takes memory for what was counted, not
/// for classes squared.
class ConfusionMatrix {
 public:
  using Counts = std::map<std::pair<int, int>, std::int64_t>;  // by (truth, predicted), in this order

  explicit ConfusionMatrix(int classes = 0);

  /// Throws Error when a label is outside 0..classes-1.
  void add(int truth, int predicted, std::int64_t count = 1);

  int classes() const { return classes_; }
  std::int64_t count(int truth, int predicted) const;
  /// All that are not 0.
  const Counts& counts() const { return counts_; }
  std::int64_t total() const;
  /// Test images of one class.
  std::int64_t total_of(int truth) const;
  /// Diagonal over total; NaN when nothing was counted.
  double accuracy() const;

 private:
  int classes_;
  Counts counts_;
};

/// Per task: the share of all predictions, and of all test images, that fall on its classes. Predictions beyond the
/// images' share are the bias towards new classes that rehearsal methods fight.
struct TaskShares {
  std::vector<double> predicted;
  std::vector<double> true_images;
};

/// Classes belong to tasks in label order: the first `classes_per_task[0]` to task 0, and so on. Throws Error when the
/// sizes do not add up to the matrix's classes.
TaskShares shares_per_task(const ConfusionMatrix& confusion, std::span<const int> classes_per_task);

}  // namespace mneme
