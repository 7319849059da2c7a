#pragma once
// Rows that authors print in the README of their code and not in a paper: those of Mnemonics, PODNet and BiC.

#include <vector>

#include "apps/common/presets.h"

namespace mneme {

/// The rows of Mnemonics' table and of PODNet's plot on CIFAR-100.
std::vector<Preset> repository_presets();
/// The rows of Mnemonics' and PODNet's tables on CIFAR-100 that no preset repeats, each with the reason.
std::vector<TableRow> repository_rows_not_offered();
/// BiC's rows with their top-5 accuracies after each of 10 tasks. No preset repeats them. `data_set` is "ImageNet" for
/// all classes, or "ImageNet-100".
std::vector<TableRow> bic_rows_not_offered(const char* data_set);

}  // namespace mneme
