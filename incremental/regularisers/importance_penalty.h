#pragma once
// The common base class of the regularisers in importance.h: the penalty and the parameters it is measured from.

#include "incremental/protocol/task_end.h"
#include "incremental/regularisers/importance.h"

namespace mneme {

/// A quadratic penalty on the backbone's parameters, weighted by their importance.
class ImportancePenalty : public Regulariser {
 public:
  /// `strength` multiplies 1/2 sum_k w_k (theta_k - theta*_k)^2.
  explicit ImportancePenalty(double strength) : strength_(strength) {}

  void on_classes_added(IncrementalNet& net) override;
  /// Visits theta* as "anchor" and w as "importance", both flat (n).
  void each_state(const std::string& at, const Visit& visit) override;
  void begin_stage(const TaskContext& task, const ParameterBlock& block) override;
  Tensor penalty(const ParameterBlock& block) override;
  void add_gradient(const ParameterBlock& block) override;
  void end_task(const TaskEnd& end) final;
  std::string steps_differ_by() const override { return ""; }

 protected:
  /// Computes importance_ after a task. `now` (n) holds the backbone's parameters at the task's end, anchor_ those at
  /// its start.
  virtual void update_importance(const TaskEnd& end, const Tensor& now) = 0;
  /// The part of the block that belongs to the backbone; undefined if the backbone is not trained.
  ParameterBlock::Stretch backbone_in(const ParameterBlock& block) const { return block.stretch_of(names_); }

  Tensor importance_,  ///< w, flat (n), in the order of the backbone's parameters
      anchor_;         ///< theta*, likewise

 private:
  Tensor backbone_of(IncrementalNet& net) const;

  double strength_;
  std::vector<std::string> names_;
  bool holds_ = false;
};

/// old <- kept old + (1 - kept) new_images, where kept is alpha, or task.rho() if alpha is negative. `new_images` is
/// the importance computed on the new task's images; both are flat (n).
void fuse(Tensor& old, const Tensor& new_images, double alpha, const TaskContext& task);

}  // namespace mneme
