#include "incremental/training/meta_gradient.h"

#include "engine/autograd.h"
#include "engine/ops.h"

namespace mneme {
namespace {

/// Saves weights and momentum, and restores them at the end of its scope.
class Kept {
 public:
  explicit Kept(const VirtualStep& step) : step_(step), values_(step.block.values().clone()) {
    if (step.sgd.velocity()) velocity_ = step.sgd.velocity().clone();
  }
  ~Kept() {
    Tensor values = step_.block.values();
    values.copy_from(values_);
    step_.sgd.restore(velocity_);
  }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

 private:
  const VirtualStep& step_;
  Tensor values_, velocity_;
};

double dot(const Tensor& a, const Tensor& b) {
  NoGrad numbers_only;
  return sum(mul(a, b)).item();
}

}  // namespace

double meta_gradient(const VirtualStep& step) {
  step.block.clear_gradients();
  step.add_mixed();
  const Tensor mixed = step.block.gradients().clone();
  step.block.clear_gradients();
  step.add_gradient();
  double derivative = 0;
  {
    const Kept kept(step);
    step.sgd.step(step.rate);
    step.block.clear_gradients();
    backward(step.loss_after());
    derivative = dot(step.block.gradients(), mixed);
  }
  step.block.clear_gradients();
  const SgdOptions& options = step.sgd.options();
  const double kappa = options.nesterov ? 1 + options.momentum : 1;
  return -step.rate * kappa * derivative;
}

}  // namespace mneme
