#include "apps/presets/cifar100_presets.h"

#include "apps/presets/balanced_presets.h"
#include "apps/presets/repository_presets.h"
#include "apps/presets/rethinking_presets.h"
#include "apps/presets/ss_il_presets.h"
#include "apps/presets/survey_presets.h"

namespace mneme {

const std::vector<Preset>& cifar100_presets() {
  static const std::vector<Preset> presets = [] {
    std::vector<Preset> all;
    for (const auto some :
         {rethinking_cifar100_presets, survey_presets, balanced_presets, repository_presets, ss_il_cifar100_presets})
      for (const Preset& preset : some()) add(all, preset);
    return all;
  }();
  return presets;
}

const std::vector<TableRow>& cifar100_rows_not_offered() {
  static const std::vector<TableRow> rows = repository_rows_not_offered();
  return rows;
}

}  // namespace mneme
