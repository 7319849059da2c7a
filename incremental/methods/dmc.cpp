// Deep Model Consolidation: Zhang et al., "Class-incremental Learning via Deep Model Consolidation", WACV 2020:
// docs/methods/dmc.md#stages. From the second task on: a specialist learns the new classes from new weights; then a
// student learns from new weights, on images of another set without labels, the centred logits of the old model and the
// specialist. As released (FACIL): logits are centred per class over the batch instead of per image over the block's
// classes. That code also draws new convolutions from U(-1/sqrt(fan in), 1/sqrt(fan in)); ours are a ResNet's.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/makers.h"

namespace mneme::methods {
namespace {

bool consolidation(Stage& stage, const MethodOptions& o) {
  stage.name = "consolidation";
  stage.images = StageImages::auxiliary;
  stage.starts_over = true;
  stage.trainable_parts = {};
  stage.batch_statistics = true;
  stage.objective = {};
  stage.objective.distillation = {{"double distillation", 1, double_distillation(o.as_released)}};
  stage.options.batch_size = o.auxiliary_batch;
  return true;
}

}  // namespace

Method dmc(const MethodOptions& o) {
  Method r = finetuning(o);
  r.description = "DMC (Zhang et al. 2020): old model and specialist are consolidated on images of another set.";
  r.exemplars = ExemplarNeed::forbidden;
  r.needs_auxiliary = r.starts_over = true;
  r.later_stages = {[o](Stage& stage, const TaskContext&) { return consolidation(stage, o); }};
  return r;
}

}  // namespace mneme::methods
