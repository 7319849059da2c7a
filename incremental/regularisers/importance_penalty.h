#pragma once
// What the regularisers of importance.h share: the penalty itself, and what it is measured from.

#include "incremental/protocol/task_end.h"
#include "incremental/regularisers/importance.h"

namespace mneme {

class ImportancePenalty : public Regulariser {
 public:
  /// `strength` multiplies 1/2 sum_k w_k (theta_k - theta*_k)^2.
  explicit ImportancePenalty(double strength) : strength_(strength) {}

  void on_classes_added(IncrementalNet& net) override;
  void each_state(const std::string& at, const Visit& visit) override;
  void begin_stage(const TaskContext& task, const ParameterBlock& block) override;
  Tensor penalty(const ParameterBlock& block) override;
  void add_gradient(const ParameterBlock& block) override;
  void end_task(const TaskEnd& end) final;
  std::string steps_differ_by() const override { return ""; }

 protected:
  /// The importance after this task; `now` holds the backbone's parameters as the task left them.
  virtual void update_importance(const TaskEnd& end, const Tensor& now) = 0;
  /// The backbone's stretch, undefined where the backbone does not learn.
  ParameterBlock::Stretch backbone_in(const ParameterBlock& block) const { return block.stretch_of(names_); }

  Tensor importance_, anchor_;  // w and theta*, flat, in the order of the backbone's parameters

 private:
  Tensor backbone_of(IncrementalNet& net) const;

  double strength_;
  std::vector<std::string> names_;
  bool holds_ = false;
};

/// alpha old + (1 - alpha) fresh, in place of `old`.
void fuse(Tensor& old, const Tensor& new_images, double alpha, const TaskContext& task);

}  // namespace mneme
