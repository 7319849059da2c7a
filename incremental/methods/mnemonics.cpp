// Mnemonics: Liu et al., "Mnemonics Training", CVPR 2020: docs/methods/mnemonics.md#network-and-loss.
//
//   L = CE over all classes + beta T^2 KL_T over the old ones,    beta = 0.25, T = 2
//
// Cosine scores as LUCIR's. From the second task on kernels and old classes' weights rest; every kernel's factor, batch
// norm and what is new learn. After a task exemplars' pixels learn: Note [Learned exemplars]. The paper gives no sizes
// of its steps; ours are --exemplar-lr and --exemplar-step.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/makers.h"

namespace mneme::methods {
namespace {

constexpr double rate = 1, released_rate = 1e-5;

}  // namespace

Method mnemonics(const MethodOptions& o) {
  Method r;
  r.description =
      "Mnemonics (Liu et al. 2020): exemplars' pixels learn to be learned from, kernels are kept but for a factor.";
  r.network = {.classifier = ClassifierKind::cosine, .last_relu = false, .kernel_scales = true};
  r.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  r.distillation = {{"KD", o.lambda.value_or(0.25),
                     joint_distillation({.temperature = o.temperature, .eps = 0, .squared = true, .relative = true})}};
  r.trainable = Trainable::old_classes_rest;
  r.exemplars = ExemplarNeed::required;
  r.exemplar_learning = ExemplarLearningOptions{.as_released = o.as_released,
                                                .rate = o.exemplar_rate.value_or(o.as_released ? released_rate : rate),
                                                .step = o.exemplar_step,
                                                .epochs = o.exemplar_epochs};
  return r;
}

}  // namespace mneme::methods
