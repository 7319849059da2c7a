#include "incremental/regularisers/importance_penalty.h"

#include "engine/base/suggest.h"
#include "engine/ops.h"
#include "incremental/regularisers/parameter_ops.h"

namespace mneme {
namespace {

constexpr std::pair<const char*, FisherLabels> label_names[] = {
    {"predicted", FisherLabels::predicted}, {"true", FisherLabels::truth}, {"drawn", FisherLabels::drawn}};

}  // namespace

FisherLabels fisher_labels_named(const std::string& name) { return choose_by_name("kind of label", name, label_names); }
const char* name_of(FisherLabels labels) { return name_among(label_names, labels); }

Tensor ImportancePenalty::backbone_of(IncrementalNet& net) const {
  Tensor flat = Tensor::empty(anchor_.shape(), anchor_.options());
  int64_t at = 0;
  net.backbone->each_state("", [&](const std::string&, Tensor& tensor, StateKind kind) {
    if (kind != StateKind::parameter) return;
    Tensor::view(flat, at, tensor.shape()).copy_from(tensor);
    at += tensor.size();
  });
  return flat;
}

void ImportancePenalty::on_classes_added(IncrementalNet& net) {
  if (anchor_) return;
  TensorOptions tensor_options;
  net.backbone->each_state("", [&](const std::string& name, Tensor& tensor, StateKind kind) {
    if (kind == StateKind::parameter) names_.push_back(name), tensor_options = tensor.options();
  });
  anchor_ = Tensor::empty({parameter_count(*net.backbone)}, tensor_options);
  anchor_ = backbone_of(net);
  importance_ = Tensor::zeros(anchor_.shape(), tensor_options);
}

void ImportancePenalty::each_state(const std::string& at, const Visit& visit) {
  visit(join(at, "anchor"), anchor_, StateKind::buffer);
  visit(join(at, "importance"), importance_, StateKind::buffer);
}

void ImportancePenalty::begin_stage(const TaskContext& task, const ParameterBlock& block) {
  holds_ = task.task > 0 && backbone_in(block);
}

Tensor ImportancePenalty::penalty(const ParameterBlock& block) {
  if (!holds_) return {};
  NoGrad numbers_only;
  return scale(sum(mul(importance_, square(sub(backbone_in(block).values, anchor_)))), strength_ / 2);
}

void ImportancePenalty::add_gradient(const ParameterBlock& block) {
  if (!holds_) return;
  const ParameterBlock::Stretch backbone = backbone_in(block);
  pull_towards(backbone.gradients, backbone.values, anchor_, importance_, strength_);
}

void ImportancePenalty::end_task(const TaskEnd& end) {
  const Tensor now = backbone_of(end.net);
  update_importance(end, now);
  anchor_.copy_from(now);
}

void fuse(Tensor& old, const Tensor& new_images, double alpha, const TaskContext& task) {
  NoGrad numbers_only;
  const double kept = alpha < 0 ? task.rho() : alpha;
  old.copy_from(add(scale(old, kept), scale(new_images, 1 - kept)));
}

}  // namespace mneme
