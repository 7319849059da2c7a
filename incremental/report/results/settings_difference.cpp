#include "incremental/report/results/settings_difference.h"

#include <fmt/format.h>

#include <algorithm>

namespace mneme {
namespace {

using nlohmann::json;
using Leaves = std::map<std::string, std::string>;

constexpr size_t most_differences = 3, most_letters = 40;
constexpr const char* of_the_machine[] = {"device", "exact_convolutions", "backend", "version", "format"};
/// Settings that belong to one seed, or follow from other settings.
constexpr const char* derived[] = {"seed",   "first_task", "first_task_from", "exemplars_from",
                                   "preset", "left_out",   "provenance"};

void add_leaves(Leaves& to, const std::string& path, const json& value) {
  if (!value.is_object()) {
    to[path] = value.dump(-1, ' ', false, json::error_handler_t::replace);
    return;
  }
  for (const auto& [key, child] : value.items()) add_leaves(to, path.empty() ? key : path + "/" + key, child);
}

}  // namespace

json chosen_settings(json settings) {
  for (const char* key : of_the_machine) settings.erase(key);
  for (const char* key : derived) settings.erase(key);
  return settings;
}

Leaves leaves(const json& settings) {
  Leaves all;
  if (settings.is_object()) add_leaves(all, "", settings);
  return all;
}

std::vector<Difference> differences(const json& there, const json& here) {
  const Leaves a = leaves(there), b = leaves(here);
  const auto value = [](const Leaves& side, const std::string& name) {
    return side.contains(name) ? side.at(name) : std::string("absent");
  };
  Leaves both = a;
  both.insert(b.begin(), b.end());
  std::vector<Difference> found;
  for (const auto& [name, unused] : both)
    if (value(a, name) != value(b, name)) found.push_back({name, value(a, name), value(b, name)});
  return found;
}

std::string few_of(const std::vector<Difference>& all, const std::string& pattern) {
  std::string text;
  for (size_t i = 0; i < std::min(all.size(), most_differences); ++i)
    text += (i ? "; " : "") +
            fmt::format(fmt::runtime(pattern), all[i].name, shortened(all[i].there), shortened(all[i].here));
  if (all.size() > most_differences) text += fmt::format("; and {} more", all.size() - most_differences);
  return text;
}

std::string shortened(const std::string& value) {
  if (value.size() <= most_letters || !value.starts_with('[')) return value;
  return value.substr(0, value.rfind(',', most_letters - 4)) + ",...]";
}

}  // namespace mneme
