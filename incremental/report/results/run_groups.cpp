#include "incremental/report/results/run_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "engine/base/error.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/run_folders.h"
#include "incremental/report/results/stored_run.h"
#include "incremental/report/statistics/sample.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Settings that influence results but, with those of the method, are not part of the protocol.
constexpr const char* beside_protocol[] = {"data", "protocol"};
constexpr size_t most_in_label = 3;

json settings_in(const RunResult& run) {
  return run.settings.is_object() ? chosen_settings(run.settings) : json::object();
}

std::string preset_of(const RunResult& run) {
  const bool known = run.settings.is_object() && run.settings.contains("preset");
  return known && run.settings["preset"].is_string() ? run.settings["preset"].get<std::string>() : "";
}

bool are_different(std::vector<std::string> labels) {
  std::ranges::sort(labels);
  return std::ranges::adjacent_find(labels) == labels.end() && !std::ranges::count(labels, "");
}

using Namesakes = std::vector<RunGroup*>;
using Naming = std::function<std::string(const RunGroup&)>;

/// The names of the settings in which any of these groups differs from the first.
std::set<std::string> telling_settings(const Namesakes& groups) {
  std::set<std::string> names;
  for (const RunGroup* group : groups)
    for (const Difference& d : differences(deciding_settings(groups[0]->first()), deciding_settings(group->first())))
      if (d.name != "protocol") names.insert(d.name);
  return names;
}

std::string label_by_settings(const RunGroup& group, const std::set<std::string>& names) {
  const auto values = leaves(deciding_settings(group.first()));
  std::string text;
  size_t left = most_in_label;
  for (const std::string& name : names)
    if (values.contains(name) && left > 0) {
      text += fmt::format(", {} {}", name.substr(name.rfind('/') + 1), shortened(values.at(name)));
      --left;
    }
  return name_with_slots(group.first()) + text;
}

/// Gives different labels to groups that share one, by the first rule that distinguishes all of them.
void tell_apart(const Namesakes& groups) {
  const std::set<std::string> telling = telling_settings(groups);
  const Naming by_folder = [](const RunGroup& g) { return fmt::format("{} ({})", g.label, g.runs[0].name); };
  for (const Naming& name : {Naming([](const RunGroup& g) { return preset_of(g.first()); }),
                             Naming([&](const RunGroup& g) { return label_by_settings(g, telling); }), by_folder}) {
    std::vector<std::string> labels;
    for (const RunGroup* group : groups) labels.push_back(name(*group));
    if (!are_different(labels)) continue;
    for (size_t i = 0; i < groups.size(); ++i) groups[i]->label = labels[i];
    return;
  }
}

void label(std::vector<RunGroup>& groups) {
  std::map<std::string, Namesakes> by_label;
  for (RunGroup& group : groups) {
    group.label = name_with_slots(group.first());
    if (!group.first().unfinished.empty()) group.label += " (unfinished)";
    by_label[group.label].push_back(&group);
  }
  for (const auto& [name, namesakes] : by_label)
    if (namesakes.size() > 1) tell_apart(namesakes);
}

bool has_seed(const RunGroup& group, uint64_t seed) {
  return std::ranges::any_of(group.runs, [&](const NamedRun& each) { return each.run.seed == seed; });
}

/// One of the two ids that comparable runs share, and a function that returns the differences.
struct Condition {
  const char* what;
  std::string RunResult::*id;
  std::vector<Difference> (*differ)(const RunResult& there, const RunResult& here);
};

void check_same(const NamedRun& a, const NamedRun& b, const Condition& condition) {
  const std::string &of_a = a.run.*condition.id, &of_b = b.run.*condition.id;
  const std::string all_the_same = "--allow-different shows them all the same";
  MNEME_CHECK(
      !of_a.empty() && !of_b.empty(),
      "{} does not tell its {}, as runs of older versions do not, so nobody knows what its numbers compare with; {}",
      (of_a.empty() ? a : b).name, condition.what, all_the_same);
  const std::vector<Difference> differ = condition.differ(a.run, b.run);
  MNEME_CHECK(of_a == of_b, "{} and {} differ in {} ({} and {}{}), so their numbers do not compare; {}", a.name, b.name,
              condition.what, of_a, of_b, differ.empty() ? "" : ": " + few_of(differ, "{} {} and {}"), all_the_same);
}

}  // namespace

std::string name_with_slots(const RunResult& run) {
  constexpr std::pair<const char*, const char*> names[] = {{"prediction", "prediction"},
                                                           {"distillation", "distillation"},
                                                           {"sampler", "sampler"},
                                                           {"second_stage", "second stage"}};
  const json method = settings_in(run).value("method", json());
  std::string slots;
  for (const auto& [slot, name] : names)
    if (method.is_object() && method.contains(slot) && method[slot].is_string())
      slots += fmt::format("{}{} {}", slots.empty() ? "" : ", ", name, method[slot].get<std::string>());
  return slots.empty() ? run.method : fmt::format("{} ({})", run.method, slots);
}

std::vector<NamedRun> runs_in(std::span<const std::string> words, Reading reading) {
  std::vector<NamedRun> runs;
  for (const fs::path& path : named_runs(words)) {
    MNEME_CHECK(reading == Reading::summary || fs::is_directory(path),
                "{}: is a summary alone; name the folder of the run, with everything that it left behind",
                path.string());
    runs.push_back({path.string(), reading == Reading::summary ? stored_summary(path) : stored_run(path)});
  }
  return runs;
}

json deciding_settings(const RunResult& run) {
  json settings = settings_in(run);
  settings.erase("class_order");  // it may depend on the seed; the protocol contains it
  settings["tasks_done"] = run.tasks_done();
  if (!run.unfinished.empty()) settings["unfinished"] = true;  // it is no repetition of finished runs
  return settings;
}

std::vector<RunGroup> grouped(std::vector<NamedRun> runs) {
  std::vector<RunGroup> groups;
  for (NamedRun& each : runs) {
    const json settings = deciding_settings(each.run);
    const auto home = std::ranges::find_if(groups, [&](const RunGroup& group) {
      return deciding_settings(group.first()) == settings && !has_seed(group, each.run.seed);
    });
    RunGroup& group = home == groups.end() ? groups.emplace_back() : *home;
    group.runs.push_back(std::move(each));
  }
  for (RunGroup& group : groups) std::ranges::sort(group.runs, {}, [](const NamedRun& each) { return each.run.seed; });
  label(groups);
  return groups;
}

std::vector<Difference> protocol_differences(const RunResult& there, const RunResult& here) {
  const auto part = [](const RunResult& run) {
    json settings = settings_in(run);
    for (const char* key : beside_protocol) settings.erase(key);
    for (const char* key : settings_of_the_method) settings.erase(key);
    if (settings.contains("network") && settings["network"].is_object())
      for (const char* of_the_method : {"classifier", "last_relu"}) settings["network"].erase(of_the_method);
    return settings;
  };
  return differences(part(there), part(here));
}

std::vector<Difference> data_differences(const RunResult& there, const RunResult& here) {
  const auto part = [](const RunResult& run) { return json{{"data", settings_in(run).value("data", json())}}; };
  return differences(part(there), part(here));
}

void check_comparable(std::span<const NamedRun> runs) {
  for (const NamedRun& each : runs.subspan(std::min<size_t>(1, runs.size()))) {
    check_same(runs[0], each, {"protocol", &RunResult::protocol, protocol_differences});
    check_same(runs[0], each, {"data", &RunResult::data_id, data_differences});
  }
}

Spread spread_of(const RunGroup& group, const std::string& key) {
  std::vector<double> values;
  for (const NamedRun& each : group.runs) values.push_back(find_number(key_numbers(each.run), key).value);
  return {mean_of(values), deviation_of(values)};
}

}  // namespace mneme
