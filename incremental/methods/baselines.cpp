// The bounds that every method is measured against: docs/methods/facil-survey.md#baselines.

#include "incremental/methods/building_blocks.h"

#include "incremental/losses/prediction.h"

namespace mneme::methods {
namespace {

constexpr Option freeze_after = option<&BaselineOptions::freeze_after>(
    "--freeze-after", "The last task in which the backbone learns (-1: none)", at_least(-1));

Method freezing(const MethodOptions& options) {
  Method method = finetuning(options);
  method.description =
      "The backbone stops learning after the first task; only heads are added: plasticity's lower bound.";
  method.freeze_backbone_after = options.get<BaselineOptions>().freeze_after;
  method.ignores_fix_bn = options.get<SharedOptions>().as_released;
  return method;
}

Method joint(const MethodOptions&) {
  Method method;
  method.description = "Every task trains on the images of all tasks so far: the upper bound.";
  method.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  method.trainable = Trainable::all;
  method.train_on = TrainOn::all_so_far;
  method.exemplars = ExemplarNeed::forbidden;
  return method;
}

}  // namespace

Method finetuning(const MethodOptions& options) {
  const bool all_outputs = options.get<BaselineOptions>().all_outputs;
  Method method;
  method.description = "Training goes on with the new classes and nothing guards the old: the lower bound.";
  method.prediction = {{"cross-entropy", 1, current_cross_entropy(all_outputs)}};
  method.trainable = all_outputs ? Trainable::all : Trainable::standard;
  return method;
}

Method ft_ss_il(const MethodOptions& options) {
  MethodOptions all = options;
  all.get<BaselineOptions>().all_outputs = true;
  Method method = finetuning(all);
  method.description = "Cross-entropy over all classes, with exemplars and no distillation (FT in SS-IL's comparison).";
  method.exemplars = ExemplarNeed::required;
  method.network.whole_head = options.get<SharedOptions>().as_released;
  return method;
}

std::vector<MethodInfo> baselines_methods() {
  constexpr const char* survey = "Masana et al., TPAMI 2022; docs/methods/facil-survey.md#baselines";
  return {{"finetuning",
           "cross-entropy on each task's images, nothing else (lower bound)",
           "L = CE over the newest head; over all heads with exemplars or --all-outputs",
           survey,
           {all_outputs_row},
           finetuning},
          {"freezing",
           "backbone fixed after the first task (--freeze-after)",
           "L = CE as in finetuning; the backbone learns until the task --freeze-after",
           survey,
           {freeze_after, all_outputs_row, row::as_released},
           freezing},
          {"joint",
           "all images of all tasks so far (upper bound)",
           "L = CE over all classes, on all images so far",
           survey,
           {},
           joint},
          {"ft-ss-il",
           "cross-entropy with exemplars, as compared with ss-il",
           "L = CE over all classes",
           "Ahn et al., ICCV 2021; docs/methods/ss-il.md#ft",
           {row::as_released},
           ft_ss_il}};
}

}  // namespace mneme::methods
