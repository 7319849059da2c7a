#include "incremental/methods/registry.h"

#include "engine/base/suggest.h"
#include "incremental/methods/makers.h"

namespace mneme {
namespace {

using Methods = std::vector<MethodInfo>;

/// One method per variant of "Rethinking softmax".
void add_family(Methods& all, const std::string& name, const std::string& summary,
                Method (*make)(const MethodOptions&, const methods::Variant&)) {
  for (const methods::Variant& variant : methods::variants)
    all.push_back({name + variant.suffix, *variant.idea ? name + ": " + variant.idea : summary,
                   [=, &variant](const MethodOptions& options) {
                     Method method = make(options, variant);
                     if (*variant.idea)
                       method.description += fmt::format(". {}{}: {}", name, variant.suffix, variant.idea);
                     method.description += '.';
                     return method;
                   }});
}

Methods listed() {
  Methods all = {
      {"finetuning", "cross-entropy on each task's images, nothing else (lower bound)", methods::finetuning},
      {"freezing", "backbone fixed after the first task (--freeze-after)", methods::freezing},
      {"joint", "all images of all tasks so far (upper bound)", methods::joint},
  };
  add_family(all, "lwf", "Learning without Forgetting (--lambda, --temperature)", methods::lwf);
  add_family(all, "lwm", "Learning without Memorizing: LwF and attention (--attention-weight)", methods::lwm);
  add_family(all, "lucir", "cosine scores, kept feature directions, margin ranking (--margin ...)", methods::lucir);
  const Methods rest = {
      {"ewc", "elastic weight consolidation: Fisher information", methods::ewc},
      {"si", "synaptic intelligence: path integral", methods::si},
      {"mas", "memory aware synapses: sensitivity of the answers", methods::mas},
      {"rwalk", "Riemannian walk: Fisher information and path", methods::rwalk},
      {"icarl", "binary distillation, nearest mean of exemplars", methods::icarl},
      {"eeil", "distillation per head, then balanced finetuning", methods::eeil},
      {"bic", "distillation, then a corrected bias of new logits", methods::bic},
      {"il2m", "exemplars and scores rectified by statistics", methods::il2m},
      {"dmc", "consolidation of two models on another image set (--aux-data)", methods::dmc},
      {"il-baseline", "rehearsal and distillation, weighted by the share of old classes", methods::il_baseline},
      {"il-baseline-balanced", "il-baseline with balanced softmax (--alpha)", methods::il_baseline_balanced},
      {"il-baseline-meta", "il-baseline with balanced softmax, alpha learned by looking ahead (--alpha-lr)",
       methods::il_baseline_meta},
      {"lucir-balanced", "lucir with balanced softmax (--alpha)", methods::lucir_balanced},
      {"mnemonics", "exemplars' pixels and kernels' factors learn (--exemplar-lr)", methods::mnemonics},
      {"podnet", "pooled maps kept (--lambda), several proxies per class, NCA (--delta)", methods::podnet},
      {"podnet-balanced", "podnet with balanced softmax (--alpha)", methods::podnet_balanced},
      {"ss-il", "separated softmax, distillation per task, exemplars in every batch (--replay-batch)", methods::ss_il},
      {"ft-ss-il", "cross-entropy with exemplars, as compared with ss-il", methods::ft_ss_il},
      {"il2m-ss-il", "ft-ss-il and scores rectified by statistics", methods::il2m_ss_il},
      {"eeil-ss-il", "eeil as compared with ss-il: divergence per head, exactly balanced images", methods::eeil_ss_il},
      {"bic-ss-il", "bic as compared with ss-il: a tenth of memory and as many new images held out",
       methods::bic_ss_il},
      {"icarl-ss-il", "icarl as compared with ss-il: softmax, means of all images", methods::icarl_ss_il},
      {"lucir-ss-il", "lucir as compared with ss-il: weight 10, imprinted", methods::lucir_ss_il},
      {"podnet-ss-il", "podnet as compared with ss-il: rows and columns apart", methods::podnet_ss_il},
      {"tpcil", "similarities between exemplars kept (--lambda, --vertices, --selection neural-gas)", methods::tpcil},
  };
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

Methods& known_methods() {
  static Methods methods = listed();
  return methods;
}

}  // namespace

const std::vector<MethodInfo>& all_methods() { return known_methods(); }

void register_method(MethodInfo method) {
  MNEME_CHECK(!method.name.empty(), "a method needs a name: set MethodInfo::name before register_method");
  MNEME_CHECK(method.make != nullptr, "method '{}' cannot be made: set MethodInfo::make before register_method",
              method.name);
  for (const MethodInfo& known : all_methods())
    MNEME_CHECK(known.name != method.name, "there is a method '{}' already: register yours under another name",
                method.name);
  known_methods().push_back(std::move(method));
}

Method make_method(const std::string& name, const MethodOptions& options) {
  std::vector<std::pair<const char*, const MethodInfo*>> known;
  for (const MethodInfo& method : all_methods()) known.emplace_back(method.name.c_str(), &method);
  Method method = choose_by_name("method", name, known)->make(options);
  method.name = name;
  return method;
}

}  // namespace mneme
