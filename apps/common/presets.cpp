#include "apps/common/presets.h"

#include "engine/suggest.h"

namespace mneme {

const Preset& preset_named(const std::string& name, const std::vector<Preset>& presets) {
  std::vector<std::pair<std::string, const Preset*>> known;
  for (const Preset& preset : presets) known.emplace_back(preset.name, &preset);
  return *choose_by_name("preset", name, known);
}

std::string preset_asked_for(const std::vector<std::string>& arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--preset" && i + 1 < arguments.size()) return arguments[i + 1];
    if (arguments[i].starts_with("--preset=")) return arguments[i].substr(9);
  }
  return "";
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
