#include "incremental/methods.h"

#include "engine/suggest.h"
#include "incremental/methods/recipes.h"

namespace mneme {
const std::vector<MethodInfo>& all_methods() {
  static const std::vector<MethodInfo> methods = {
      {"finetuning", "cross-entropy on each task's images, nothing else (lower bound)", methods::finetuning},
      {"freezing", "backbone fixed after the first task (--freeze-after)", methods::freezing},
      {"joint", "all images of all tasks so far (upper bound)", methods::joint},
      {"lwf", "Learning without Forgetting (--lambda, --temperature)", methods::lwf},
      {"lwf-s", "LwF with one softmax per old task", methods::lwf_s},
      {"lwf-sr", "LwF and LwF-S together (--sr-joint)", methods::lwf_sr},
      {"lwf-br", "LwF with binary distillation of every old logit", methods::lwf_br},
      {"lwf-br2", "LwF-BR with binary prediction of the new classes", methods::lwf_br2},
      {"lwf-bsr", "joint, task-by-task and binary distillation (--bsr-binary)", methods::lwf_bsr},
      {"il-baseline", "rehearsal and distillation, weighted by the share of old classes", methods::il_baseline},
      {"il-baseline-balanced", "il-baseline with balanced softmax (--alpha)", methods::il_baseline_balanced},
  };
  return methods;
}

Recipe make_recipe(const std::string& name, const MethodOptions& options) {
  std::vector<std::pair<const char*, decltype(MethodInfo::make)>> known;
  for (const MethodInfo& method : all_methods()) known.emplace_back(method.name.c_str(), method.make);
  Recipe recipe = choose_by_name("method", name, known)(options);
  recipe.method = name;
  return recipe;
}

}  // namespace mneme
