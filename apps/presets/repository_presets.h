#pragma once
// Rows that authors print beside their code and not in a paper: the READMEs of Mnemonics, PODNet and BiC.

#include <vector>

#include "apps/common/presets.h"

namespace mneme {

/// Mnemonics' table and PODNet's plot on CIFAR-100.
std::vector<Preset> repository_presets();
/// Rows of these tables that no preset repeats: on CIFAR-100, on a hundred classes of ImageNet, and on all of it.
std::vector<TableRow> repository_rows_not_offered();
std::vector<TableRow> bic_rows_not_offered(const char* data_set);

}  // namespace mneme
