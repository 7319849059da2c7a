// Learning without Forgetting: Li and Hoiem, ECCV 2016, as FACIL and "Rethinking softmax in incremental learning" run
// it, and that paper's five variants: docs/methods/lwf.md#loss. J, S and Bn are the distillation terms of
// incremental/losses/distill.h, with T = 2 and without the factor T^2; w is lambda:
//
//   lwf      w J                 lwf-s    w S                   lwf-sr   w (0.5 J + S)
//   lwf-br   w (J + Bn)          lwf-br2  w (J + Bn), + BPL     lwf-bsr  w (J + S + 0.5 Bn)
//
// The two 0.5 are literals of the released code; here they are options. As released, -br2 leaves BPL out once there are
// exemplars (docs/methods/lwf.md#departures).

#include "incremental/methods/building_blocks.h"

#include "incremental/losses/distill.h"
#include "incremental/losses/prediction.h"

namespace mneme::methods {
namespace {

struct LwfOptions {
  double sr_joint = 0.5, bsr_binary = 0.5;
};

constexpr Option sr_joint =
    option<&LwfOptions::sr_joint>("--sr-joint", "Share of the joint distillation in -sr", at_least(0));
constexpr Option bsr_binary =
    option<&LwfOptions::bsr_binary>("--bsr-binary", "Share of the binary distillation in -bsr", at_least(0));

bool is_sr(const Variant& v) { return v.joint && v.separated && !v.binary; }
bool is_bsr(const Variant& v) { return v.separated && v.binary; }

}  // namespace

std::vector<Option> lwf_options(const Variant& v) {
  std::vector<Option> rows = {row::lambda, row::temperature, row::eps};
  if (is_sr(v)) rows.push_back(sr_joint);
  if (is_bsr(v)) rows.push_back(bsr_binary);
  if (v.binary_prediction) rows.push_back(row::as_released);
  return rows;
}

Method lwf(const MethodOptions& options, const Variant& v) {
  const SharedOptions& shared = options.get<SharedOptions>();
  const LwfOptions& o = options.get<LwfOptions>();
  const double w = shared.lambda.value_or(1);
  const double joint = is_sr(v) ? o.sr_joint : 1, binary = is_bsr(v) ? o.bsr_binary : 1;
  const DistillOptions soft{.temperature = shared.temperature, .eps = shared.eps};
  Method method;
  method.description =
      "Learning without Forgetting (Li and Hoiem 2016): the old model's softened outputs for new images are kept";
  method.prediction = {{"cross-entropy", 1, current_cross_entropy()}};
  method.search_from = shared.lambda.value_or(10);
  if (v.joint) method.distillation.push_back({"joint distillation", w * joint, joint_distillation(soft)});
  if (v.separated) method.distillation.push_back({"separated distillation", w, separated_distillation(soft)});
  if (v.binary) method.distillation.push_back({"binary distillation", w * binary, binary_distillation_per_task()});
  if (v.binary_prediction)
    method.prediction.push_back(
        {"binary prediction", 1, binary_prediction_term({.without_exemplars = shared.as_released})});
  return method;
}

std::vector<MethodInfo> lwf_methods() {
  return methods_of({"lwf",
                     "Learning without Forgetting (--lambda, --temperature)",
                     "Li and Hoiem, ECCV 2016, and Rethinking softmax, Neural Networks 2025; docs/methods/lwf.md#loss",
                     {"L = CE + lambda J, J = KD_T over all old classes in one softmax",
                      "L = CE + lambda S, S = sum over old tasks of KD_T", "L = CE + lambda (sr_joint J + S)",
                      "L = CE + lambda (J + Bn), Bn = binary distillation of every old logit",
                      "L = CE + BPL + lambda (J + Bn), BPL = binary prediction of the new classes",
                      "L = CE + lambda (J + S + bsr_binary Bn)"},
                     lwf_options,
                     lwf});
}

}  // namespace mneme::methods
