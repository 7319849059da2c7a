// Learning without Forgetting: Li and Hoiem, ECCV 2016, as FACIL and "Rethinking softmax in incremental learning" run
// it, and that paper's five variants: docs/methods/lwf.md#loss. With J, S, Bn of incremental/losses/distill.h, T = 2,
// no factor T^2, w = lambda:
//
//   lwf      w J                 lwf-s    w S                   lwf-sr   w (0.5 J + S)
//   lwf-br   w (J + Bn)          lwf-br2  w (J + Bn), + BPL     lwf-bsr  w (J + S + 0.5 Bn)
//
// The two 0.5 are literals of the released code; here they are options. As released, -br2 forgets BPL once there are
// exemplars.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/makers.h"

namespace mneme::methods {

Method lwf(const MethodOptions& options, const Variant& v) {
  const double w = options.lambda.value_or(1);
  const double joint = v.separated && !v.binary ? options.sr_joint : 1, binary = v.separated ? options.bsr_binary : 1;
  const DistillOptions soft{.temperature = options.temperature, .eps = options.eps};
  Method r;
  r.description =
      "Learning without Forgetting (Li and Hoiem 2016): the old model's softened answers to new images are kept";
  r.prediction = {{"cross-entropy", 1, current_cross_entropy()}};
  r.search_from = options.lambda.value_or(10);
  if (v.joint) r.distillation.push_back({"J", w * joint, joint_distillation(soft)});
  if (v.separated) r.distillation.push_back({"S", w, separated_distillation(soft)});
  if (v.binary) r.distillation.push_back({"Bn", w * binary, binary_distillation_per_task()});
  if (v.binary_prediction)
    r.prediction.push_back({"BPL", 1, binary_prediction_term({.without_exemplars = options.as_released})});
  return r;
}

}  // namespace mneme::methods
