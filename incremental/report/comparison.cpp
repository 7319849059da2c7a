#include "incremental/report/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <set>

#include "engine/base/counted.h"
#include "engine/base/error.h"
#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/page.h"
#include "incremental/report/comparison_figures.h"
#include "incremental/report/comparison_formats.h"
#include "incremental/report/comparison_sections.h"
#include "incremental/report/rank_comparison.h"
#include "incremental/report/results/comparison_table.h"
#include "incremental/report/tables.h"

namespace mneme {
namespace {

using Labels = std::vector<std::string>;

constexpr std::size_t most_methods_in_title = 3;

std::string listed(const Labels& labels, const char* between = ", ") {
  return fmt::format("{}", fmt::join(labels, between));
}

std::string text_of(const Labels& labels, Groups groups) {
  return labels.size() == groups.size() ? "all runs" : listed(labels);
}

/// The labels of the groups, collected by the text that `say` returns for them, in the order of the first groups.
std::vector<std::pair<std::string, Labels>> by_text(Groups groups,
                                                    const std::function<std::string(const RunGroup&)>& say) {
  std::vector<std::pair<std::string, Labels>> found;
  for (const RunGroup& group : groups) {
    const std::string text = say(group);
    auto at = std::ranges::find(found, text, &std::pair<std::string, Labels>::first);
    if (at == found.end()) at = found.insert(at, {text, {}});
    at->second.push_back(group.label);
  }
  return found;
}

/// Notes about the groups, one paragraph for all groups with the same text. Groups without a text are left out.
std::string paragraphs(Groups groups, const char* what, const std::function<std::string(const RunGroup&)>& say) {
  std::string out;
  for (const auto& [text, labels] : by_text(groups, say))
    if (!text.empty())
      out += fmt::format("<p><b>{} ({}):</b> {}</p>", what, escaped(text_of(labels, groups)), escaped(text));
  return out;
}

using Id = std::string RunResult::*;
using Differ = std::vector<Difference> (*)(const RunResult&, const RunResult&);

bool agree(Groups groups, Id id) {
  const std::string& first = groups[0].first().*id;
  return !first.empty() && std::ranges::all_of(groups, [&](const auto& group) { return group.first().*id == first; });
}

/// A warning if the groups differ in an id: which group has which, and the differences from the first. Empty if all
/// agree.
std::string mixture(Groups groups, const char* what, Id id, Differ differ) {
  if (agree(groups, id)) return {};
  const auto sides = by_text(groups, [&](const RunGroup& group) { return group.first().*id; });
  if (sides.size() == 1)
    return fmt::format(
        "<p><b>No run tells its {}, as older versions did not: whether numbers compare is unknown.</b></p>", what);
  std::string out = fmt::format(
      "<p><b>These runs differ in {}, so numbers of one do not compare with numbers of another.</b></p><ul>", what);
  for (const auto& [text, labels] : sides) {
    const auto first = std::ranges::find_if(
        groups, [&, &wanted = text](const RunGroup& group) { return group.first().*id == wanted; });
    const std::string settings = few_of(differ(groups[0].first(), first->first()), "{0} {2} in place of {1}");
    out += fmt::format("<li>{}: {}{}</li>", text.empty() ? "unknown" : escaped(text), escaped(listed(labels)),
                       settings.empty() ? "" : escaped(fmt::format("; unlike the first, {}", settings)));
  }
  return out + "</ul>";
}

std::string unfinished(const RunGroup& group) {
  Labels said;
  if (!group.is_complete())
    said.push_back(fmt::format("{} of {} tasks done; all numbers are about these.", group.first().tasks_done(),
                               group.first().tasks_planned()));
  for (const NamedRun& each : group.runs)
    if (!each.run.unfinished.empty())
      said.push_back(fmt::format("{} is unfinished: {}.", each.name, each.run.unfinished));
  return listed(said, " ");
}

std::string remarks(Groups groups) {
  return remarks_box(
      mixture(groups, "protocol", &RunResult::protocol, protocol_differences) +
      mixture(groups, "data", &RunResult::data_id, data_differences) + paragraphs(groups, "Unfinished", unfinished) +
      paragraphs(groups, "Not as published", [](const auto& g) { return listed(g.first().departures, "; "); }) +
      paragraphs(groups, "Remark", [](const auto& g) { return listed(g.first().remarks, " "); }));
}

/// The settings that are not the same for all groups: their values, and the groups that have each.
std::string settings_section(Groups groups) {
  std::set<std::string> names;
  for (const RunGroup& group : groups)
    for (const Difference& d : differences(deciding_settings(groups[0].first()), deciding_settings(group.first())))
      names.insert(d.name);
  std::string rows;
  for (const std::string& name : names)
    for (const auto& [value, labels] : by_text(groups, [&](const RunGroup& group) {
           const auto values = leaves(deciding_settings(group.first()));
           return values.contains(name) ? values.at(name) : std::string("absent");
         }))
      rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td></tr>", escaped(name), escaped(shortened(value)),
                          escaped(listed(labels)));
  if (rows.empty()) return {};
  return section("What the runs differ in", "By the names of run.json; all other settings are the same.",
                 "<div class=scroll><table class=settings><tr><th>setting</th><th>value</th><th>runs</th></tr>" + rows +
                     "</table></div>");
}

std::string confusion_section(Groups groups) {
  const std::string left_out = groups.size() > most_confusions
                                   ? fmt::format(" The first {} of {} are shown.", most_confusions, groups.size())
                                   : "";
  const std::string pictures = confusion_figures(groups);
  return section("Confusion after the last task",
                 "Classes in the order they were learned; lines separate tasks. Brightness is log(1 + number of test "
                 "images), on one scale for all. A full right edge means that old classes are taken for new ones. The "
                 "counts of a method’s seeds are added." +
                     left_out,
                 groups.size() > 2 ? small_multiples(pictures) : side_by_side(pictures));
}

std::string ranks_section(Groups groups, const Measure& measure) {
  const auto ranks = rank_comparison_if_any(groups, measure);
  if (!ranks) return {};
  return section("Ranks over the settings", escaped(fmt::format("The settings: {}.", listed(ranks->settings, "; "))),
                 side_by_side(draw(ranks->diagram)));
}

std::string if_any(const char* title, const char* explanation, const std::string& pictures) {
  return pictures.empty() ? "" : section(title, explanation, side_by_side(pictures));
}

/// "lwf, ewc on CIFAR-100", or "7 methods on CIFAR-100": as many names as are read at a glance.
std::string title_of(Groups groups) {
  Labels methods;
  for (const RunGroup& group : groups)
    if (std::ranges::find(methods, group.label) == methods.end()) methods.push_back(group.label);
  return fmt::format("{} on {}",
                     methods.size() <= most_methods_in_title ? listed(methods) : counted(methods.size(), "method"),
                     groups[0].first().data_set);
}

std::string heading(Groups groups) {
  std::string facts;
  size_t runs = 0;
  for (const RunGroup& group : groups) runs += group.runs.size();
  for (const auto& [what, id] : {std::pair{"protocol", &RunResult::protocol}, std::pair{"data", &RunResult::data_id}})
    if (agree(groups, id)) facts += fmt::format("<li>{} <b>{}</b></li>", what, escaped(groups[0].first().*id));
  facts += fmt::format("<li>runs <b>{}</b></li>", runs);
  return page_header(title_of(groups), fmt::format("<ul class=facts>{}</ul>{}", facts, remarks(groups)));
}

}  // namespace

std::string comparison_html(Groups groups, const ComparisonOptions& options) {
  MNEME_CHECK(!groups.empty(), "there are no runs to compare");
  const ComparisonTable table = comparison_table(groups, usual_measures(groups));
  const PrintedTable printed = printed_table(table, 2);
  std::string content = heading(groups) + how_to_read();
  content +=
      section("Results",
              fmt::format("In percent{}; the best of each column {}is bold. Average: average incremental accuracy, the "
                          "mean of Acc_t over all tasks, the first included. Final: Acc_t after the last task. "
                          "Forgetting: mean of f[t,u] after the last "
                          "task.",
                          printed.seeds_note.empty() ? "" : ", " + printed.seeds_note,
                          table.blocks.size() > 1 ? "in its setting " : ""),
              results_table(table));
  content += published_section(table);
  content += differences_section(paired_differences(groups, table.measures, options.reference, options.confidence),
                                 options.confidence);
  content += ranks_section(groups, table.measures[0]);
  content += if_any("Accuracy", "What is left of everything learned, as new classes arrive.",
                    figures(accuracy_charts(groups, options.full_axes)));
  content += if_any("Forgetting", "How much of what was once known is lost.", figures(forgetting_charts(groups)));
  content += if_any("Bias towards new classes", "Which tasks’ classes are answered, whatever the image is.",
                    prediction_share_figures(groups));
  content += confusion_section(groups);
  content += if_any("Learned weights", "Of the methods that learn them.", alpha_figure(groups));
  content += settings_section(groups);
  return page(title_of(groups), content);
}

std::string comparison_notes(Groups groups) {
  std::string notes =
      "average: average incremental accuracy; forgetting: best earlier accuracy on a task minus the last, mean over "
      "old tasks\n";
  if (settings_of(groups).size() > 1)
    notes += "numbers of one setting do not compare with those of another: run.json says in what they differ\n";
  for (const RunGroup& group : groups)
    for (const NamedRun& each : group.runs)
      if (!each.run.unfinished.empty()) notes += fmt::format("{} is unfinished: {}\n", each.name, each.run.unfinished);
  return notes;
}

std::string comparison_text(Groups groups, const ComparisonOptions& options) {
  const ComparisonTable table = comparison_table(groups, usual_measures(groups));
  const auto differences = paired_differences(groups, table.measures, options.reference, options.confidence);
  std::string text = as_text(printed_table(table, 2)) + comparison_notes(groups);
  if (differences.empty()) return text;
  return text + "\n" + as_text(differences, options.confidence) + tests_note(differences, options.confidence) + "\n";
}

}  // namespace mneme
