// DER++, dark experience replay with labels: Buzzega et al., "Dark Experience for General Continual Learning", NeurIPS
// 2020, eq. 6: docs/methods/derpp.md#loss.
//
//   L = CE of new images + alpha mean over exemplars of mean_j (z_j - zh_j)^2 + beta CE of exemplars
//
// j runs over the old classes. Every batch holds --batch-size new images and --replay-batch exemplars. zh are the
// teacher's logits and not those that were stored when the exemplar was seen, and one draw of exemplars serves both
// terms (docs/methods/derpp.md#departures).

#include "incremental/losses/replay.h"
#include "incremental/methods/registry.h"
#include "incremental/options/shared_options.h"

namespace mneme::methods {
namespace {

struct DerppOptions {
  double der_alpha = 0.5, der_beta = 0.5;
};

constexpr Option der_alpha =
    option<&DerppOptions::der_alpha>("--der-alpha", "Weight of the squared differences of logits", at_least(0));
constexpr Option der_beta =
    option<&DerppOptions::der_beta>("--der-beta", "Weight of the cross-entropy of exemplars", at_least(0));

Method derpp(const MethodOptions& options) {
  const DerppOptions& o = options.get<DerppOptions>();
  Method method;
  method.description =
      "DER++ (Buzzega et al. 2020): exemplars in every batch, "
      "which keep their labels and the old model's logits.";
  method.prediction = {{"cross-entropy", 1, cross_entropy_of_new_images()},
                       {"cross-entropy of exemplars", o.der_beta, cross_entropy_of_exemplars()}};
  method.distillation = {{"logit distillation", o.der_alpha, logit_distillation_of_exemplars()}};
  method.trainable = Trainable::all;
  method.exemplars = ExemplarNeed::required;
  method.sampling = {.kind = Sampling::split, .replay_batch = options.get<ReplayOptions>().replay_batch};
  return method;
}

}  // namespace

std::vector<MethodInfo> derpp_methods() {
  return {{"derpp",
           "DER++: exemplars keep their labels and the old model's logits "
           "(--der-alpha, --der-beta)",
           "L = CE of new images + der_alpha mean (z - zh)^2 of exemplars' old "
           "logits + der_beta CE of exemplars",
           "Buzzega et al., NeurIPS 2020, eq. 6; docs/methods/derpp.md#loss",
           {der_alpha, der_beta, row::replay_batch},
           derpp}};
}

}  // namespace mneme::methods
