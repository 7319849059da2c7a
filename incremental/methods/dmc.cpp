// Deep Model Consolidation: Zhang et al., "Class-incremental Learning via Deep Model Consolidation", WACV 2020:
// docs/methods/dmc.md#stages. From the second task on, a specialist learns the new classes from new weights. Then a
// student learns from new weights the centred logits of the old model and of the specialist, on images of another set
// without labels (eq. 4 and 5; docs/methods/dmc.md#double-distillation). As released (FACIL), logits are centred per
// class over the batch instead of per image over the block's classes, and the student begins with the weights that the
// specialist began with. That code also draws new convolutions from U(-1/sqrt(fan in), 1/sqrt(fan in)); ours are
// initialised as a ResNet's (docs/methods/dmc.md#departures).

#include "incremental/losses/distill.h"
#include "incremental/methods/building_blocks.h"

namespace mneme::methods {
namespace {

struct DmcOptions {
  int aux_batch_size = 128;
};

constexpr Option aux_batch_size =
    option<&DmcOptions::aux_batch_size>("--aux-batch-size", "Images per step of the consolidation", at_least(1));

bool consolidation(Stage& stage, const MethodOptions& o) {
  stage.name = "consolidation";
  stage.images = StageImages::auxiliary;
  stage.starts_over = true;
  if (o.get<SharedOptions>().as_released) stage.starts_like = 0;  // the main stage, which trains the specialist
  stage.trainable_parts = {};
  stage.batch_statistics = true;
  stage.objective = {};
  stage.objective.distillation = {{"double distillation", 1, double_distillation(o.get<SharedOptions>().as_released)}};
  stage.options.batch_size = o.get<DmcOptions>().aux_batch_size;
  return true;
}

Method dmc(const MethodOptions& o) {
  Method method = finetuning(o);
  method.description = "DMC (Zhang et al. 2020): old model and specialist are consolidated on images of another set.";
  method.exemplars = ExemplarNeed::forbidden;
  method.needs_auxiliary = method.starts_over = true;
  method.later_stages = {[o](Stage& stage, const TaskContext&) { return consolidation(stage, o); }};
  return method;
}

}  // namespace

std::vector<MethodInfo> dmc_methods() {
  return {{"dmc",
           "consolidation of two models on another image set (--aux-data)",
           "a specialist learns by CE on the new classes; then, on --aux-data,\n"
           "L = mean (Z - Y)^2, Y = the centred logits of the old model and of the specialist",
           "Zhang et al., WACV 2020; docs/methods/dmc.md#stages",
           {aux_batch_size, row::as_released, all_outputs_row},
           dmc}};
}

}  // namespace mneme::methods
