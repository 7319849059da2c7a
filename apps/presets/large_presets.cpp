#include "apps/presets/large_presets.h"

#include "apps/presets/balanced_presets.h"
#include "apps/presets/repository_presets.h"
#include "apps/presets/rethinking_presets.h"
#include "apps/presets/ss_il_presets.h"

namespace mneme {
namespace {

std::vector<Preset> together(std::vector<Preset> first, const std::vector<Preset>& second) {
  for (const Preset& preset : second) add(first, preset);
  return first;
}

}  // namespace

/// The words of Balanced softmax mean the first hundred classes, and PODNet's code takes these as well.
const std::vector<Preset>& imagenet100_presets() {
  static const std::vector<Preset> presets =
      together(rethinking_imagenet100_presets(), balanced_imagenet100_presets({"--subset", "first100"}));
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

const std::vector<TableRow>& imagenet100_rows_not_offered() {
  static const std::vector<TableRow> rows = bic_rows_not_offered("ImageNet-100");
  return rows;
}

const std::vector<TableRow>& imagenet_rows_not_offered() {
  static const std::vector<TableRow> rows = bic_rows_not_offered("ImageNet");
  return rows;
}

}  // namespace mneme
