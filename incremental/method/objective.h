#pragma once
// What a round of training minimises: weighted terms of answers, and regularisers of parameters.

#include <string>
#include <vector>

#include "incremental/losses/meta_learned_term.h"
#include "incremental/regularisers/regulariser.h"

namespace mneme {

/// How the weighted sums of prediction terms P and of distillation terms D add up.
enum class Balance {
  sum,  ///< P + D
  rho   ///< (1 - rho) P + rho D, rho = N_old / N: BiC, IL-Baseline
};

/// A factor on a term's weight that changes from task to task.
using Growth = double (*)(const TaskContext& task);
/// sqrt(N_old / n_t): LUCIR's adaptive weight.
double old_per_new(const TaskContext& task);
/// sqrt(N / n_t): PODNet's.
double all_per_new(const TaskContext& task);

struct WeightedTerm {
  std::string name;  ///< as logs call it
  double weight = 1;
  TermPointer term;
  Growth growth = nullptr;
};

struct NamedRegulariser {
  std::string name;
  RegulariserPointer regulariser;
};

struct Objective {
  std::vector<WeightedTerm> prediction;    ///< how labels are learned
  std::vector<WeightedTerm> distillation;  ///< how the old model is kept
  Balance balance = Balance::sum;
  std::vector<NamedRegulariser> regularisers;
  /// What validation images are judged by, where that is not the whole loss with all penalties.
  std::vector<WeightedTerm> validation;

  bool needs_teacher() const;
  /// True if a term compares with the network as it was when the round began.
  bool needs_stage_start() const;
  /// How many exemplars the active terms want to be shown beside every batch; 0 in a task without exemplars.
  int exemplars_beside(const TaskContext& task) const;
  /// True if in this task the whole loss is plain cross-entropy over all classes seen.
  bool is_cross_entropy(const TaskContext& task) const;
  /// The term with a number that is learned by looking ahead, and what multiplies that term; null if there is none in
  /// this task.
  struct MetaLearnedPart {
    MetaLearnedTerm* term = nullptr;
    double factor = 1;
  };
  MetaLearnedPart meta_learned(const TaskContext& task) const;
  /// Tells every term that a task, or a round of it, begins.
  void begin_task(const TaskContext& task) const;
  /// The loss of one batch: prediction and distillation, weighted and balanced.
  Tensor loss(const BatchView& batch) const;
  /// The same for a batch of validation images.
  Tensor validation_loss(const BatchView& batch) const;
  /// What the regularisers add to every batch's validation loss.
  double penalties(const ParameterBlock& block) const;
};

}  // namespace mneme
