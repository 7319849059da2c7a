#include "incremental/report/tables.h"

#include "incremental/report/charts/markup.h"
#include "incremental/report/confusion_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

namespace mneme {
namespace {

constexpr std::size_t most_mistakes = 8;
constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

std::string as_text(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool is_plain(const nlohmann::json& value) {
  return !value.is_structured() || (value.is_array() && std::none_of(value.begin(), value.end(), [](const auto& item) {
                                      return item.is_structured();
                                    }));
}

std::string joined(const nlohmann::json& list) {
  std::string text;
  for (const auto& item : list) text += (text.empty() ? "" : ", ") + as_text(item);
  return text;
}

void append_rows(std::string& out, const std::string& name, const nlohmann::json& value) {
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) append_rows(out, name.empty() ? key : name + "." + key, child);
    return;
  }
  const std::string text = value.is_array() && is_plain(value) ? joined(value) : as_text(value);
  fmt::format_to(std::back_inserter(out), "<div><dt>{}</dt><dd>{}</dd></div>", escaped(name),
                 text.empty() ? "–" : escaped(text));
}

std::string class_name(const RunResult& run, int label) {
  const auto index = static_cast<std::size_t>(label);
  return escaped(index < run.class_names.size() ? run.class_names[index] : fmt::format("class {}", label));
}

std::string signed_points(double difference) {
  const std::string points = percent(difference, 2);
  return difference > 0 && points != "0.00" ? "+" + points : points;
}

std::string published_row(const RunResult& run, const PublishedNumber& theirs, const std::vector<KeyNumber>& ours) {
  const NamedValue mine = find_number(ours, theirs.key);
  return fmt::format(
      "<tr><td>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td><td class=soft>{}</td></tr>",
      escaped(mine.label), percent_of(theirs.value, theirs.deviation.value_or(undefined)), percent(mine.value, 2),
      difference_text(run, mine.value, theirs), source_text(theirs));
}

}  // namespace

std::string numbers_table(const std::vector<KeyNumber>& numbers) {
  std::string out =
      "<div class=scroll><table><tr><th>average (%)</th><th class=n>task-agnostic</th><th class=n>task-aware</th>"
      "<th>formula</th><th>reported by</th></tr>";
  for (const KeyNumber& each : numbers)
    fmt::format_to(
        std::back_inserter(out),
        "<tr><td>{}</td><td class=n>{}</td><td class=n>{}</td><td class=soft>{}</td><td class=soft>{}</td></tr>",
        escaped(each.label), percent(each.task_agnostic, 2), percent(each.task_aware, 2), escaped(each.formula),
        escaped(each.used_by));
  return out + "</table></div>";
}

std::string published_table(const RunResult& run, const std::vector<KeyNumber>& ours) {
  std::string out =
      "<div class=scroll><table><tr><th>number</th><th class=n>published (%)</th><th class=n>this run (%)</th>"
      "<th class=n>difference (points)</th><th>source</th></tr>";
  for (const PublishedNumber& each : run.published) out += published_row(run, each, ours);
  return out + "</table></div>";
}

std::string difference_text(const RunResult& run, double ours, const PublishedNumber& theirs) {
  if (run.tasks_done() < run.tasks_planned()) return "run unfinished";
  const bool comparable = run.departures.empty() && theirs.comparable;
  return signed_points(ours - theirs.value) + (comparable ? "" : ", not comparable");
}

std::string source_text(const PublishedNumber& number) {
  return escaped(number.source + (number.note.empty() ? "" : " (" + number.note + ")"));
}

std::string mistakes_table(const RunResult& run) {
  const std::vector<Mistake> mistakes = most_frequent_mistakes(run.confusion, most_mistakes);
  if (mistakes.empty()) return {};
  std::string out =
      "<div class=scroll><table><tr><th>most frequent mistakes</th><th>taken for</th><th class=n>images</th>"
      "<th class=n>of its class (%)</th></tr>";
  for (const Mistake& each : mistakes)
    fmt::format_to(std::back_inserter(out), "<tr><td>{}</td><td>{}</td><td class=n>{}</td><td class=n>{}</td></tr>",
                   class_name(run, each.truth), class_name(run, each.predicted), each.count,
                   percent(static_cast<double>(each.count) / static_cast<double>(run.confusion.total_of(each.truth))));
  return out + "</table></div>";
}

std::string tasks_table(const RunResult& run) {
  std::string rows;
  std::size_t c = 0;
  for (std::size_t task = 0; task < run.classes_per_task.size(); ++task) {
    std::string names;
    for (int k = 0; k < run.classes_per_task[task] && c < run.class_names.size(); ++k, ++c)
      names += (names.empty() ? "" : ", ") + escaped(run.class_names[c]);
    fmt::format_to(std::back_inserter(rows), "<tr><td class=key>{}</td><td>{}</td></tr>", task + 1, names);
  }
  return "<div class=scroll><table><tr><th class=key>task</th><th>classes</th></tr>" + rows + "</table></div>";
}

std::string settings_table(const nlohmann::json& settings) {
  std::string rows;
  append_rows(rows, "", settings);
  return "<dl class=settings>" + rows + "</dl>";
}

}  // namespace mneme
