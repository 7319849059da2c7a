#include "apps/presets/svhn_presets.h"

#include "apps/presets/rethinking_presets.h"

namespace mneme {

const std::vector<Preset>& svhn_presets() {
  static const std::vector<Preset> presets = rethinking_svhn_presets();
  return presets;
}

}  // namespace mneme
