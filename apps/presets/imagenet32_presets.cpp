#include "apps/presets/imagenet32_presets.h"

#include "apps/presets/rethinking_presets.h"

namespace mneme {

const std::vector<Preset>& imagenet32_presets() {
  static const std::vector<Preset> presets = rethinking_imagenet32_presets();
  return presets;
}

}  // namespace mneme
