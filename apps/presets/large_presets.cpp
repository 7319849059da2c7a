#include "apps/presets/large_presets.h"

#include "apps/presets/balanced_presets.h"
#include "apps/presets/rethinking_presets.h"
#include "apps/presets/ss_il_presets.h"

namespace mneme {

const std::vector<Preset>& imagenet100_presets() {
  static const std::vector<Preset> presets = joined(balanced_imagenet100_presets(), rethinking_imagenet100_presets());
  return presets;
}

const std::vector<Preset>& imagenet_presets() {
  static const std::vector<Preset> presets = joined(balanced_imagenet_presets(), ss_il_imagenet_presets());
  return presets;
}

const std::vector<Preset>& landmarks_presets() {
  static const std::vector<Preset> presets = ss_il_landmarks_presets({"--subset", "1k"}, {"--subset", "10k"});
  return presets;
}

}  // namespace mneme
