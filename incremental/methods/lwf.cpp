// Learning without Forgetting: Li and Hoiem, ECCV 2016, as FACIL and "Rethinking softmax in incremental learning" run
// it, and that paper's five variants. Spec: distillation 11.2. With J, S, Bn of incremental/losses/distill.h, T = 2, no
// factor T^2, w = lambda:
//
//   lwf      w J                 lwf-s    w S                   lwf-sr   w (0.5 J + S)
//   lwf-br   w (J + Bn)          lwf-br2  w (J + Bn), + BPL     lwf-bsr  w (J + S + 0.5 Bn)
//
// The two 0.5 are literals of the released code; here they are options.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/recipes.h"

namespace mneme::methods {
namespace {

/// How much of each term a variant takes.
struct Mixture {
  double joint = 0, separated = 0, binary = 0;
};

Recipe with_mixture(const MethodOptions& options, const Mixture& mixture, const char* description) {
  const double w = options.lambda.value_or(1);
  const DistillOptions soft{.temperature = options.temperature};
  Recipe r;
  r.description = description;
  r.prediction = {{"cross-entropy", 1, current_cross_entropy()}};
  if (mixture.joint > 0) r.distillation.push_back({"J", w * mixture.joint, joint_distillation(soft)});
  if (mixture.separated > 0) r.distillation.push_back({"S", w * mixture.separated, separated_distillation(soft)});
  if (mixture.binary > 0) r.distillation.push_back({"Bn", w * mixture.binary, binary_distillation_per_task()});
  return r;
}

}  // namespace

Recipe lwf(const MethodOptions& options) {
  return with_mixture(
      options, {.joint = 1},
      "Learning without Forgetting (Li and Hoiem 2016): the old model's softened answers to new images are kept.");
}

Recipe lwf_s(const MethodOptions& options) {
  return with_mixture(options, {.separated = 1},
                      "LwF-S (Rethinking softmax): old answers are kept task by task, each in a softmax of its own.");
}

Recipe lwf_sr(const MethodOptions& options) {
  return with_mixture(options, {.joint = options.sr_joint, .separated = 1},
                      "LwF-SR (Rethinking softmax): joint distillation regularised by the task-by-task one.");
}

Recipe lwf_br(const MethodOptions& options) {
  return with_mixture(
      options, {.joint = 1, .binary = 1},
      "LwF-BR (Rethinking softmax): joint distillation, and every old logit held to its level by binary distillation.");
}

Recipe lwf_br2(const MethodOptions& options) {
  Recipe r = lwf_br(options);
  r.description = "LwF-BR2 (Rethinking softmax): LwF-BR, with new logits held to their level by binary prediction too.";
  r.prediction.push_back({"BPL", 1, binary_prediction_term()});
  return r;
}

Recipe lwf_bsr(const MethodOptions& options) {
  return with_mixture(options, {.joint = 1, .separated = 1, .binary = options.bsr_binary},
                      "LwF-BSR (Rethinking softmax): joint, task-by-task and binary distillation together.");
}

}  // namespace mneme::methods
