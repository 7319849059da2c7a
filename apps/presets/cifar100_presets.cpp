#include "apps/presets/cifar100_presets.h"

#include "apps/presets/balanced_presets.h"
#include "apps/presets/rethinking_presets.h"

namespace mneme {

const std::vector<Preset>& cifar100_presets() {
  static const std::vector<Preset> presets = [] {
    std::vector<Preset> all = rethinking_cifar100_presets();
    for (const Preset& preset : balanced_presets()) all.push_back(preset);
    return all;
  }();
  return presets;
}

}  // namespace mneme
