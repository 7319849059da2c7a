#pragma once
// The objective of a stage: weighted loss terms on outputs, and regularisers of parameters.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "incremental/losses/meta_learned_term.h"
#include "incremental/regularisers/regulariser.h"

namespace mneme {

/// How the weighted sums P of the prediction terms and D of the distillation terms are combined.
enum class Balance {
  sum,  ///< P + D
  rho   ///< (1 - rho) P + rho D with rho = N_old / N: BiC, IL-Baseline
};

/// A factor of a term's weight that depends on the task.
using Growth = double (*)(const TaskContext& task);
/// sqrt(N_old / n_t): the adaptive weight of LUCIR, docs/methods/lucir.md#loss.
double old_per_new(const TaskContext& task);
/// sqrt(N / n_t): the adaptive weight of PODNet, docs/methods/podnet.md#loss.
double all_per_new(const TaskContext& task);

/// A loss term with its weight.
struct WeightedTerm {
  std::string name;         ///< name in logs
  double weight = 1;        ///< factor of the term
  TermPointer term;         ///< the term
  Growth growth = nullptr;  ///< an additional factor per task; null: 1
};

/// A regulariser with its name.
struct NamedRegulariser {
  std::string name;                ///< name in logs and checkpoints
  RegulariserPointer regulariser;  ///< the regulariser
};

/// What a stage minimises.
struct Objective {
  std::vector<WeightedTerm> prediction;        ///< terms that learn the labels
  std::vector<WeightedTerm> distillation;      ///< terms that preserve earlier outputs
  Balance balance = Balance::sum;              ///< how the two sums are combined
  std::vector<NamedRegulariser> regularisers;  ///< regularisers of the parameters
  /// The terms of the validation loss; empty: the whole loss with all penalties.
  std::vector<WeightedTerm> validation;
  /// The validation loss is computed in batches of the training's size, because a term's value depends on the batch.
  bool validates_in_training_batches = false;

  /// True if a term reads the teacher's outputs.
  bool needs_teacher() const;
  /// True if a term reads the outputs of the network at the stage's start.
  bool needs_stage_start() const;
  /// The largest number of exemplars that an active term wants in addition to every batch; 0 in a task without
  /// exemplars.
  int exemplars_beside(const TaskContext& task) const;
  /// True if the whole loss of this task is plain cross-entropy over all classes seen.
  bool is_cross_entropy(const TaskContext& task) const;
  /// The term with a learned parameter, and the factor of that term in the loss.
  struct MetaLearnedPart {
    MetaLearnedTerm* term = nullptr;  ///< the term that learns in this task; null: there is none
    double factor = 1;                ///< weight times 1 - rho if balanced
  };
  /// The prediction term with a learned parameter; none in the first task.
  MetaLearnedPart meta_learned(const TaskContext& task) const;
  /// Calls begin_task() of every term, at the start of each stage.
  void begin_task(const TaskContext& task) const;
  /// Receives the share of a term in the loss, a scalar: the term times its weight.
  using VisitTerm = std::function<void(const Tensor& weighted)>;
  /// The loss of one batch, a scalar: the prediction and distillation terms, weighted and combined. It contains no
  /// penalty. `visit`, if given, receives the share of each active term, in the order of active_terms().
  Tensor loss(const BatchView& batch, const VisitTerm& visit = {}) const;
  /// The names of the terms that are active in this task, first those that learn the labels.
  std::vector<std::string> active_terms(const TaskContext& task) const;
  /// The numbers of the loss that depend on the task, or that it learns, with the names that papers give them: "rho" if
  /// the sums are balanced by it, "lambda_t of NAME" for a term whose weight grows with the tasks, "alpha" for a
  /// learned one. Reads a learned number from the device.
  std::vector<std::pair<std::string, double>> numbers(const TaskContext& task) const;
  /// The validation loss of one batch, a scalar, without penalties.
  Tensor validation_loss(const BatchView& batch) const;
  /// The sum of the regularisers' penalties, which is added to the validation loss; 0 if `validation` has its own
  /// terms.
  double penalties(const ParameterBlock& block) const;
};

}  // namespace mneme
