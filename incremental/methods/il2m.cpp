// IL2M: Belouadah and Popescu, "IL2M: Class Incremental Learning With Dual Memory", ICCV 2019. The method is finetuning
// with exemplars, whose scores are rectified by statistics of when each class was new (eq. 1;
// docs/methods/il2m.md#rectified-scores). As released (FACIL), the statistics are of logits rather than of
// probabilities. That code also augments the images that it takes the statistics of; ours are not augmented.

#include "incremental/methods/building_blocks.h"

namespace mneme::methods {
namespace {

Method il2m(const MethodOptions& o) {
  Method method = finetuning(o);
  method.description = "IL2M (Belouadah and Popescu 2019): old classes' scores are raised to what they were when new.";
  method.trainable = Trainable::all;
  method.exemplars = ExemplarNeed::required;
  method.rule = rectified_scores({.of_logits = o.get<SharedOptions>().as_released});
  return method;
}

/// IL2M of SS-IL's suite: it trains as that suite's FT, and its statistics are of augmented images
/// (docs/methods/ss-il.md#il2m).
Method il2m_ss_il(const MethodOptions& o) {
  Method method = ft_ss_il(o);
  method.description = il2m(o).description + " As SS-IL's comparison runs it.";
  method.rule = rectified_scores({.augmented = true});
  return method;
}

}  // namespace

std::vector<MethodInfo> il2m_methods() {
  return {{"il2m",
           "exemplars and scores rectified by statistics",
           "L = CE over all classes; if a new class scores highest, every old class c of task o gets\n"
           "p_c (first_c / now_c) (conf_t / conf_o), from mean scores when c was new and now",
           "Belouadah and Popescu, ICCV 2019; docs/methods/il2m.md#rectified-scores",
           {row::as_released},
           il2m},
          {"il2m-ss-il",
           "ft-ss-il and scores rectified by statistics",
           "L = CE over all classes; scores of old classes are rectified as in il2m",
           "Belouadah and Popescu, ICCV 2019, in SS-IL's suite; docs/methods/ss-il.md#il2m",
           {row::as_released},
           il2m_ss_il}};
}

}  // namespace mneme::methods
