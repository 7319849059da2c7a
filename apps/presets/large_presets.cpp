#include "apps/presets/large_presets.h"

namespace mneme {

const std::vector<Preset>& imagenet100_presets() {
  static const std::vector<Preset> presets;
  return presets;
}

const std::vector<Preset>& imagenet_presets() {
  static const std::vector<Preset> presets;
  return presets;
}

const std::vector<Preset>& landmarks_presets() {
  static const std::vector<Preset> presets;
  return presets;
}

}  // namespace mneme
