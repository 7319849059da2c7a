#pragma once
// Functions and options that several methods share.

#include "incremental/losses/distill.h"
#include "incremental/methods/registry.h"
#include "incremental/methods/variants.h"
#include "incremental/options/shared_options.h"

namespace mneme::methods {

struct BaselineOptions {
  bool all_outputs = false;  ///< cross-entropy over all heads, and all parameters learn
  int freeze_after = 0;      ///< freezing: the last task in which the backbone learns; -1: none
};

/// The row of --all-outputs.
inline constexpr Option all_outputs_row =
    option<&BaselineOptions::all_outputs>("--all-outputs", "Cross-entropy over all heads, and all parameters learn");

/// Training goes on with the new classes. It reads --all-outputs.
Method finetuning(const MethodOptions& options);

/// FT of SS-IL's suite: finetuning over all classes, with exemplars (docs/methods/ss-il.md#ft).
Method ft_ss_il(const MethodOptions& options);

/// LwF or one of its variants, without the full stop that ends the description: docs/methods/lwf.md#loss.
Method lwf(const MethodOptions& options, const Variant& variant);
/// The rows that the losses of this variant use.
std::vector<Option> lwf_options(const Variant& variant);

/// T^2 KL_T(zh || z): how the methods of SS-IL's suite distil (docs/methods/ss-il.md#loss).
inline DistillOptions divergence(const MethodOptions& o) {
  return {.temperature = o.get<SharedOptions>().temperature, .eps = 0, .squared = true, .relative = true};
}

/// Turns a stage into Hou et al.'s class-balance finetuning (docs/methods/lucir.md#class-balance-finetuning). Only the
/// class weights learn, on equally many images of every class: the exemplars, and as many new images, chosen by
/// herding. Batch norm uses its running statistics. SGD with momentum 0.9 runs for `--balanced-epochs` epochs (20 by
/// default), at the rate `--balanced-lr` (0.01 by default) and at a tenth of it from half way on. The loss stays the
/// stage's. Returns false if the task has no exemplars, and the stage is to be left out.
bool class_balance_finetuning(Stage& stage, const TaskContext& task, const MethodOptions& options);

}  // namespace mneme::methods
