#include "apps/common/presets.h"

#include "engine/base/suggest.h"

namespace mneme {

const Preset& preset_named(const std::string& name, const std::vector<Preset>& presets) {
  std::vector<std::pair<std::string, const Preset*>> known;
  for (const Preset& preset : presets) known.emplace_back(preset.name, &preset);
  return *choose_by_name("preset", name, known);
}

std::string list_of(const std::vector<Preset>& presets) {
  std::string out;
  for (const Preset& preset : presets) {
    out += fmt::format("{:<28} {}\n", preset.name, preset.summary);
    for (const PublishedNumber& number : preset.published)
      out += fmt::format("{:<28}   published {} {:.1f} % ({})\n", "", number.key, 100 * number.value, number.source);
  }
  return out;
}

}  // namespace mneme
