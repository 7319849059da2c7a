#pragma once
// What path importances share: the path, gathered at every step.

#include "incremental/regularisers/importance_penalty.h"

namespace mneme {

/// path = -sum over steps of gradient times update: what each parameter's moves took off the loss, to first order.
class SiPenalty : public ImportancePenalty {
 public:
  SiPenalty(double strength, bool rolls_back) : ImportancePenalty(strength), rolls_back_(rolls_back) {}

  void on_classes_added(IncrementalNet& net) override;
  void each_state(const std::string& at, const Visit& visit) override;
  void see_gradient(const ParameterBlock& block) override;
  void after_update(const ParameterBlock& block) override;
  bool gathers_while_training() const override { return true; }
  bool returns_with_best() const override { return rolls_back_; }

 protected:
  /// Called after every step's piece of path was added, with the gradient that made it.
  virtual void after_step(const Tensor& values, const Tensor& gradient) { (void)values, (void)gradient; }
  Tensor path_;

 private:
  bool rolls_back_;
  Tensor gradient_, before_;  // of the step in progress
};

}  // namespace mneme
