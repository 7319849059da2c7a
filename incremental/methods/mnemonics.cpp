// Mnemonics: Liu et al., "Mnemonics Training", CVPR 2020: docs/methods/mnemonics.md#network-and-loss.
//
//   L = CE over all classes + beta T^2 KL_T over the old ones,    beta = 0.25, T = 2
//
// The scores are cosines, as LUCIR's. From the second task on the kernels and the old classes' weights are fixed; every
// kernel's factor, batch norm and the new classes' weights learn. After a task the exemplars' pixels learn: Note
// [Learned exemplars]. The paper does not say how large the steps are; ours are --exemplar-lr and --exemplar-step.

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/registry.h"
#include "incremental/options/shared_options.h"

namespace mneme::methods {
namespace {

struct MnemonicsOptions {
  std::optional<double> exemplar_lr;
  double exemplar_step = 0.1;
  int exemplar_epochs = 1;
};

constexpr Option exemplar_lr = option<&MnemonicsOptions::exemplar_lr>(
    "--exemplar-lr", "Learning rate of the exemplars' pixels (default: 1; 1e-5 with --as-released)", at_least(0));
constexpr Option exemplar_step = option<&MnemonicsOptions::exemplar_step>(
    "--exemplar-step", "Learning rate of the step on exemplars by whose effect they are judged", at_least(0));
constexpr Option exemplar_epochs = option<&MnemonicsOptions::exemplar_epochs>(
    "--exemplar-epochs", "Epochs for which exemplars learn after a task", at_least(1));

constexpr double usual_lr = 1, released_lr = 1e-5;

Method mnemonics(const MethodOptions& options) {
  const MnemonicsOptions& o = options.get<MnemonicsOptions>();
  const SharedOptions& shared = options.get<SharedOptions>();
  Method method;
  method.description =
      "Mnemonics (Liu et al. 2020): exemplars' pixels learn to be learned from, kernels are kept but for a factor.";
  method.network = {.classifier = ClassifierKind::cosine, .last_relu = false, .kernel_scales = true};
  method.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  method.distillation = {
      {"distillation", shared.lambda.value_or(0.25),
       joint_distillation({.temperature = shared.temperature, .eps = 0, .squared = true, .relative = true})}};
  method.trainable = Trainable::old_classes_rest;
  method.exemplars = ExemplarNeed::required;
  method.exemplar_learning =
      ExemplarLearningOptions{.as_released = shared.as_released,
                              .lr = o.exemplar_lr.value_or(shared.as_released ? released_lr : usual_lr),
                              .step = o.exemplar_step,
                              .epochs = o.exemplar_epochs};
  return method;
}

}  // namespace

std::vector<MethodInfo> mnemonics_methods() {
  return {{"mnemonics",
           "exemplars' pixels and kernels' factors learn (--exemplar-lr)",
           "L = CE + lambda T^2 KL_T over the old classes; after a task the exemplars' pixels take steps\n"
           "against the loss of the task's images after a step on the exemplars",
           "Liu et al., CVPR 2020; docs/methods/mnemonics.md#network-and-loss",
           {row::lambda, row::temperature, exemplar_lr, exemplar_step, exemplar_epochs, row::as_released},
           mnemonics}};
}

}  // namespace mneme::methods
