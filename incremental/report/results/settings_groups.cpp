#include "incremental/report/results/settings_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/base/counted.h"

namespace mneme {
namespace {

using nlohmann::json;

/// The part of the settings that belongs to the method, as text.
std::string options_of(const RunResult& run) {
  json settings = deciding_settings(run), part;
  for (const char* key : settings_of_the_method)
    if (settings.contains(key)) part[key] = settings[key];
  return part.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool is_alike(const RunResult& a, const RunResult& b) {
  return !a.protocol.empty() && !a.data_id.empty() && a.protocol == b.protocol && a.data_id == b.data_id &&
         a.tasks_done() == b.tasks_done();
}

/// "CIFAR-100, 10 tasks": what usually tells settings apart.
std::string usual_label(const RunResult& run) {
  const bool is_complete = run.tasks_done() == run.tasks_planned();
  return fmt::format("{}, {}{}", run.data_set, is_complete ? "" : fmt::format("{} of ", run.tasks_done()),
                     counted(run.tasks_planned(), "task"));
}

std::string longer_label(const RunResult& first, const RunResult& run) {
  const std::string differ = few_of(protocol_differences(first, run), "{0} {2}");
  return usual_label(run) + (differ.empty() ? "" : ", " + differ);
}

std::string known(const std::string& id) { return id.empty() ? "unknown" : id; }

void label(std::vector<Setting>& settings, std::span<const RunGroup> groups) {
  if (settings.size() < 2) return;
  const auto run_of = [&](const Setting& setting) -> const RunResult& { return groups[setting.groups[0]].first(); };
  std::map<std::string, int> uses;
  for (Setting& setting : settings) ++uses[setting.label = usual_label(run_of(setting))];
  std::map<std::string, const RunResult*> first_of;  // of the settings with this label
  for (Setting& setting : settings)
    if (uses[setting.label] > 1) {
      const RunResult* first = first_of.try_emplace(setting.label, &run_of(setting)).first->second;
      setting.label = longer_label(*first, run_of(setting));
    }
  uses.clear();
  for (Setting& setting : settings) ++uses[setting.label];
  for (Setting& setting : settings)
    if (uses[setting.label] > 1)
      setting.label +=
          fmt::format(" (protocol {}, data {})", known(run_of(setting).protocol), known(run_of(setting).data_id));
}

void name_groups(std::vector<Setting>& settings, std::span<const RunGroup> groups) {
  for (Setting& setting : settings) {
    std::map<std::string, int> uses;
    for (const std::size_t i : setting.groups) ++uses[name_with_slots(groups[i].first())];
    for (const std::size_t i : setting.groups) {
      const std::string name = name_with_slots(groups[i].first());
      const bool alone = settings.size() > 1 && uses[name] == 1 && groups[i].first().unfinished.empty();
      setting.names.push_back(alone ? name : groups[i].label);
    }
  }
}

/// True if no two groups of one setting have the same name.
bool names_tell_apart(std::span<const RunGroup> groups, const std::vector<Setting>& settings) {
  return std::ranges::all_of(settings, [&](const Setting& setting) {
    std::set<std::string> names;
    return std::ranges::all_of(setting.groups,
                               [&](std::size_t i) { return names.insert(name_with_slots(groups[i].first())).second; });
  });
}

}  // namespace

std::vector<Setting> settings_of(std::span<const RunGroup> groups) {
  std::vector<Setting> settings;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto home = std::ranges::find_if(settings, [&](const Setting& setting) {
      return is_alike(groups[setting.groups[0]].first(), groups[i].first());
    });
    (home == settings.end() ? settings.emplace_back() : *home).groups.push_back(i);
  }
  label(settings, groups);
  name_groups(settings, groups);
  return settings;
}

MethodsBySetting methods_by_setting(std::span<const RunGroup> groups) {
  const std::vector<Setting> settings = settings_of(groups);
  const bool by_name = names_tell_apart(groups, settings);
  const auto key_of = [&](const RunGroup& group) {
    return name_with_slots(group.first()) + (by_name ? "" : options_of(group.first()));
  };
  std::vector<std::string> keys;
  std::map<std::string, std::vector<const RunGroup*>> found;  // by method, then by setting
  for (std::size_t s = 0; s < settings.size(); ++s)
    for (const std::size_t i : settings[s].groups) {
      const std::string key = key_of(groups[i]);
      if (!found.contains(key)) keys.push_back(key);
      found[key].resize(settings.size());
      if (!found[key][s]) found[key][s] = &groups[i];
    }
  MethodsBySetting result;
  for (const Setting& setting : settings) result.settings.push_back(setting.label);
  result.groups.resize(settings.size());
  for (const std::string& key : keys) {
    const std::vector<const RunGroup*>& of_method = found[key];
    const RunGroup* first = *std::ranges::find_if(of_method, [](const RunGroup* group) { return group; });
    const std::string name = by_name ? name_with_slots(first->first()) : first->label;
    if (std::ranges::count(of_method, nullptr) > 0) {
      result.left_out.push_back(name);
      continue;
    }
    result.methods.push_back(name);
    for (std::size_t s = 0; s < settings.size(); ++s) result.groups[s].push_back(of_method[s]);
  }
  return result;
}

}  // namespace mneme
