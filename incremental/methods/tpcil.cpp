// TPCIL: Tao et al., "Topology-Preserving Class-Incremental Learning", ECCV 2020: docs/methods/tpcil.md#loss. No code
// was released, and the paper leaves weight, steps and subset open: lambda 10 and 64 vertices a step are ours.
//
//   L = CE over all classes + lambda TPL,   TPL = -corr(s, sh) over the edges between exemplars
//
// Vertices are the exemplars, which the paper chooses by a neural gas: --selection neural-gas. Where a vertex lay after
// the task before, sh, is asked of that task's model anew instead of stored. For a class that the model had learned
// before, that is what the paper stores; for the newest classes it takes the image that stands for a point of the gas
// in place of that point.

#include "incremental/losses/features.h"
#include "incremental/losses/prediction.h"
#include "incremental/methods/makers.h"

namespace mneme::methods {

Method tpcil(const MethodOptions& o) {
  Method r;
  r.description =
      "TPCIL (Tao et al. 2020): cross-entropy, and the similarities between exemplars' features correlate with what "
      "they were.";
  r.prediction = {{"cross-entropy", 1, joint_cross_entropy()}};
  r.distillation = {{"TPL", o.lambda.value_or(10), topology_term(o.vertices)}};
  r.validation = r.prediction;
  r.trainable = Trainable::all;
  r.exemplars = ExemplarNeed::required;
  return r;
}

}  // namespace mneme::methods
