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
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/tables.h"

namespace mneme {
namespace {

/// The columns of the results table, first the task-agnostic ones, then the task-aware ones.
constexpr const char* columns[] = {
    "average_incremental_accuracy_task_agnostic", "final_accuracy_task_agnostic", "final_mean_forgetting_task_agnostic",
    "average_incremental_accuracy_task_aware",    "final_accuracy_task_aware",    "final_mean_forgetting_task_aware"};

using Labels = std::vector<std::string>;

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
  return group.is_complete() ? ""
                             : fmt::format("{} of {} tasks done; all numbers are about these.",
                                           group.first().tasks_done(), group.first().tasks_planned());
}

std::string remarks(Groups groups) {
  return remarks_box(
      mixture(groups, "protocol", &RunResult::protocol, protocol_differences) +
      mixture(groups, "data", &RunResult::data_id, data_differences) + paragraphs(groups, "Unfinished", unfinished) +
      paragraphs(groups, "Not as published", [](const auto& g) { return listed(g.first().departures, "; "); }) +
      paragraphs(groups, "Remark", [](const auto& g) { return listed(g.first().remarks, " "); }));
}

std::string seeds_of(const RunGroup& group) {
  Labels seeds;
  for (const NamedRun& each : group.runs) seeds.push_back(fmt::format("{}", each.run.seed));
  return listed(seeds);
}

/// If all groups have the same protocol and data, the heading shows their ids; otherwise each row does.
std::string ids(Groups groups, const RunResult& run) {
  std::string cells;
  for (const Id id : {&RunResult::protocol, &RunResult::data_id})
    if (!agree(groups, id)) cells += fmt::format("<td class=soft>{}</td>", escaped(run.*id));
  return cells;
}

std::string results_row(Groups groups, const RunGroup& group) {
  const RunResult& run = group.first();
  std::string row = fmt::format("<tr><td>{}</td><td class=n>{}</td>", escaped(group.label), seeds_of(group));
  for (const char* key : columns) {
    const Spread spread = spread_of(group, key);
    row += fmt::format("<td class=n>{}</td>", percent_of(spread.mean, spread.deviation));
  }
  return row + fmt::format("<td class=n>{} of {}</td>{}</tr>", run.tasks_done(), run.tasks_planned(), ids(groups, run));
}

std::string results_table(Groups groups) {
  std::string out =
      "<div class=scroll><table class=dense><tr><th></th><th></th><th class=over colspan=3>task-agnostic</th>"
      "<th class=over colspan=3>task-aware</th><th colspan=3></th></tr><tr><th>run</th><th class=n>seeds</th>";
  for (size_t i = 0; i < std::size(columns); i += 3)
    out += "<th class=n>average</th><th class=n>final</th><th class=n>forgetting</th>";
  out += "<th class=n>tasks done</th>";
  if (!agree(groups, &RunResult::protocol)) out += "<th>protocol</th>";
  if (!agree(groups, &RunResult::data_id)) out += "<th>data</th>";
  out += "</tr>";
  for (const RunGroup& group : groups) out += results_row(groups, group);
  return out + "</table></div>";
}

std::string published_rows(const RunGroup& group) {
  std::string out;
  const std::vector<KeyNumber> numbers = key_numbers(group.first());
  for (const PublishedNumber& theirs : group.first().published) {
    const Spread ours = spread_of(group, theirs.key);
    fmt::format_to(std::back_inserter(out),
                   "<tr><td>{}</td><td>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td>"
                   "<td class=soft>{}</td></tr>",
                   escaped(group.label), escaped(find_number(numbers, theirs.key).label),
                   percent_of(theirs.value, theirs.deviation.value_or(std::nan(""))),
                   percent_of(ours.mean, ours.deviation), difference_text(group.first(), ours.mean, theirs),
                   source_text(theirs));
  }
  return out;
}

std::string published_section(Groups groups) {
  std::string rows;
  for (const RunGroup& group : groups) rows += published_rows(group);
  if (rows.empty()) return {};
  return section("Beside the published numbers", "Theirs, ours, and the difference in points.",
                 "<div class=scroll><table><tr><th>run</th><th>number</th><th class=n>published (%)</th>"
                 "<th class=n>ours (%)</th><th class=n>difference (points)</th><th>source</th></tr>" +
                     rows + "</table></div>");
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
                 "images), on one scale for all. A full right edge means that old classes are taken for new ones." +
                     left_out,
                 groups.size() > 2 ? small_multiples(pictures) : side_by_side(pictures));
}

std::string if_any(const char* title, const char* explanation, const std::string& pictures) {
  return pictures.empty() ? "" : section(title, explanation, side_by_side(pictures));
}

std::string heading(Groups groups) {
  std::string facts;
  size_t runs = 0;
  for (const RunGroup& group : groups) runs += group.runs.size();
  for (const auto& [what, id] : {std::pair{"protocol", &RunResult::protocol}, std::pair{"data", &RunResult::data_id}})
    if (agree(groups, id)) facts += fmt::format("<li>{} <b>{}</b></li>", what, escaped(groups[0].first().*id));
  return page_header(
      fmt::format("{} on {}", runs == 1 ? "One run" : fmt::format("{} runs", runs), groups[0].first().data_set),
      fmt::format("<ul class=facts>{}</ul>{}", facts, remarks(groups)));
}

}  // namespace

std::string comparison_html(Groups groups) {
  MNEME_CHECK(!groups.empty(), "there are no runs to compare");
  std::string content = heading(groups) + how_to_read();
  content += section(
      "Results",
      "In percent; mean ± deviation where there are several seeds. Average: average incremental accuracy, the "
      "mean of Acc_t over all tasks, the first included. Final: Acc_t after the last task. Forgetting: mean of f[t,u] "
      "after the last task.",
      results_table(groups));
  content += published_section(groups);
  content += if_any("Accuracy", "What is left of everything learned, as new classes arrive.",
                    figures(accuracy_charts(groups)));
  content += if_any("Forgetting", "How much of what was once known is lost.", figures(forgetting_charts(groups)));
  content += if_any("Bias towards new classes", "Which tasks’ classes are answered, whatever the image is.",
                    prediction_share_figures(groups));
  content += confusion_section(groups);
  content += if_any("Learned weights", "Of the methods that learn them.", alpha_figure(groups));
  content += settings_section(groups);
  return page(counted(groups.size(), "run") + " compared", content);
}

}  // namespace mneme
