#pragma once

#include "incremental/methods/registry.h"

namespace mneme::methods {

/// Turns a stage into Hou et al.'s class-balance finetuning (docs/methods/lucir.md#class-balance-finetuning). Only the
/// class weights learn, on equally many images of every class: the exemplars, and as many new images, chosen by
/// herding. Batch norm uses its running statistics. SGD with momentum 0.9 runs for --balanced-epochs epochs (20 by
/// default), at
/// --balanced-lr (0.01 by default) and at a tenth of it from half way on. The loss stays the stage's. Returns false if
/// the task has no exemplars, and the stage is to be left out.
bool class_balance_finetuning(Stage& stage, const TaskContext& task, const MethodOptions& options);

}  // namespace mneme::methods
