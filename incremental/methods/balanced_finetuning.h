#pragma once

#include "incremental/methods/registry.h"

namespace mneme::methods {

/// Turns a stage into Hou et al.'s class-balance finetuning: class weights alone, on equally many images of every class
/// (the exemplars, and new images herded down to as many), batch norm by its running statistics, SGD with momentum 0.9
/// at 0.01 and a tenth of it from half way on, for 20 epochs, unless the options say otherwise. The loss stays:
/// docs/methods/lucir.md#class-balance-finetuning. False without exemplars.
bool class_balance_finetuning(Stage& stage, const TaskContext& task, const MethodOptions& options);

}  // namespace mneme::methods
