#include "apps/presets/large_presets.h"

#include "apps/presets/balanced_presets.h"
#include "apps/presets/rethinking_presets.h"
#include "apps/presets/ss_il_presets.h"

namespace mneme {
namespace {

std::vector<Preset> together(std::vector<Preset> first, const std::vector<Preset>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

const std::vector<Preset>& imagenet100_presets() {
  static const std::vector<Preset> presets = together(rethinking_imagenet100_presets(), balanced_imagenet100_presets());
  return presets;
}

const std::vector<Preset>& imagenet_presets() {
  static const std::vector<Preset> presets = together(ss_il_imagenet_presets(), balanced_imagenet_presets());
  return presets;
}

const std::vector<Preset>& landmarks_presets() {
  static const std::vector<Preset> presets = ss_il_landmarks_presets({"--subset", "1k"}, {"--subset", "10k"});
  return presets;
}

}  // namespace mneme
