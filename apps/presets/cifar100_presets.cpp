#include "apps/presets/cifar100_presets.h"

#include "apps/presets/balanced_presets.h"
#include "apps/presets/rethinking_presets.h"
#include "apps/presets/ss_il_presets.h"

namespace mneme {

const std::vector<Preset>& cifar100_presets() {
  static const std::vector<Preset> presets = [] {
    std::vector<Preset> all = rethinking_cifar100_presets();
    for (const auto more : {balanced_presets, ss_il_cifar100_presets})
      for (const Preset& preset : more()) all.push_back(preset);
    return all;
  }();
  return presets;
}

}  // namespace mneme
