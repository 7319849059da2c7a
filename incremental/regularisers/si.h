#pragma once
// The common base class of the path importances SI and RWalk: it accumulates the path in every step.

#include "incremental/regularisers/importance_penalty.h"

namespace mneme {

/// path = -sum over steps of gradient times update: to first order, how much the changes of each parameter have
/// decreased the loss. Zenke et al. 2017, eq. 3: docs/methods/importance-regularisers.md#si.
class SiPenalty : public ImportancePenalty {
 public:
  /// `strength` is that of ImportancePenalty. `rolls_back`: a return to the best model also restores the path.
  SiPenalty(double strength, bool rolls_back) : ImportancePenalty(strength), rolls_back_(rolls_back) {}

  void on_classes_added(IncrementalNet& net) override;
  /// Visits what ImportancePenalty visits and "path", flat (n).
  void each_state(const std::string& at, const Visit& visit) override;
  void see_gradient(const ParameterBlock& block) override;
  /// Adds the step's part of the path, then calls after_step().
  void after_update(const ParameterBlock& block) override;
  bool gathers_while_training() const override { return true; }
  bool returns_with_best() const override { return rolls_back_; }

 protected:
  /// Called after a step's part was added to the path, with the updated values and the gradient that produced them,
  /// both (n).
  virtual void after_step(const Tensor& values, const Tensor& gradient) { (void)values, (void)gradient; }
  Tensor path_;  ///< the path, flat (n)

 private:
  bool rolls_back_;
  Tensor gradient_, before_;  ///< of the step in progress
};

}  // namespace mneme
