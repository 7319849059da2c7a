// TPCIL: Tao et al., "Topology-Preserving Class-Incremental Learning", ECCV 2020: docs/methods/tpcil.md#loss. No code
// was released, and the paper leaves the weight, the steps and the subset open: lambda 10 and 64 vertices a step are
// ours.
//
//   L = CE over all classes + lambda TPL,   TPL = -corr(s, sh) over the edges between exemplars
//
// The vertices are the exemplars, which the paper chooses by a neural gas: --selection neural-gas. The position of a
// vertex after the last task, which sh is computed from, is not stored: the last task's model computes it again. For a
// class that the model had learned before, that is what the paper stores. For the newest classes it takes the image
// that stands for a point of the gas in place of that point.

#include "incremental/losses/features.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/registry.h"
#include "incremental/options/shared_options.h"

namespace mneme::methods {
namespace {

Method tpcil(const MethodOptions& o) {
  Method method;
  method.description =
      "TPCIL (Tao et al. 2020): cross-entropy, and the similarities between exemplars' features correlate with what "
      "they were.";
  method.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  method.distillation = {
      {"TPL", o.get<SharedOptions>().lambda.value_or(10), topology_term(o.get<TopologyOptions>().vertices)}};
  method.validation = method.prediction;
  method.trainable = Trainable::all;
  method.exemplars = ExemplarNeed::required;
  return method;
}

}  // namespace

std::vector<MethodInfo> tpcil_methods() {
  return {{"tpcil",
           "similarities between exemplars kept (--lambda, --vertices, --selection neural-gas)",
           "L = CE + lambda TPL, TPL = -corr(s, sh), s the cosines between exemplars' features now and sh before",
           "Tao et al., ECCV 2020; docs/methods/tpcil.md#loss",
           {row::lambda, row::vertices},
           tpcil}};
}

}  // namespace mneme::methods
