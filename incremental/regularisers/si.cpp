#include "incremental/regularisers/si.h"

#include "engine/ops.h"
#include "incremental/regularisers/parameter_ops.h"

namespace mneme {

void SiPenalty::on_classes_added(IncrementalNet& net) {
  ImportancePenalty::on_classes_added(net);
  if (!path_) path_ = Tensor::zeros(anchor_.shape(), anchor_.options());
}

void SiPenalty::each_state(const std::string& at, const Visit& visit) {
  ImportancePenalty::each_state(at, visit);
  visit(join(at, "path"), path_, StateKind::buffer);
}

void SiPenalty::see_gradient(const ParameterBlock& block) {
  const ParameterBlock::Stretch backbone = backbone_in(block);
  if (!backbone) return;
  gradient_ = backbone.gradients.clone();
  before_ = backbone.values.clone();
}

void SiPenalty::after_update(const ParameterBlock& block) {
  const ParameterBlock::Stretch backbone = backbone_in(block);
  if (!backbone) return;
  follow_path(path_, gradient_, backbone.values, before_);
  after_step(backbone.values, gradient_);
}

namespace {

class PathIntegralPenalty final : public SiPenalty {
 public:
  explicit PathIntegralPenalty(const ImportanceOptions& options)
      : SiPenalty(options.strength, !options.as_released), damping_(options.damping) {}

 private:
  void update_importance(const TaskEnd&, const Tensor& now) override {
    NoGrad numbers_only;
    const Tensor moved = square(sub(now, anchor_));
    importance_.copy_from(add(importance_, div(path_, add_scalar(moved, damping_))));
    path_.copy_from(Tensor::zeros(path_.shape(), path_.options()));
  }
  double damping_;
};

}  // namespace

RegulariserPointer path_penalty(const ImportanceOptions& options) {
  return std::make_shared<PathIntegralPenalty>(options);
}

}  // namespace mneme
