#include "incremental/report/report.h"

#include "engine/base/counted.h"
#include "engine/base/error.h"
#include "incremental/report/charts/markup.h"
#include "incremental/report/charts/page.h"
#include "incremental/report/confusion_figure.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/run_groups.h"
#include "incremental/report/run_figures.h"
#include "incremental/report/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <span>

namespace mneme {
namespace {

constexpr const char* agnostic = "task-agnostic";
constexpr const char* aware = "task-aware";

bool is_complete(const RunResult& run) { return run.tasks_done() == run.tasks_planned(); }

/// For example "50 + 5 × 10 classes": equal neighbours are counted together.
std::string task_sizes(const std::vector<int>& sizes) {
  std::string text;
  for (std::size_t i = 0; i < sizes.size();) {
    std::size_t end = i;
    while (end < sizes.size() && sizes[end] == sizes[i]) ++end;
    const std::string group = end - i > 1 ? fmt::format("{} × {}", end - i, sizes[i]) : fmt::format("{}", sizes[i]);
    text += (text.empty() ? "" : " + ") + group;
    i = end;
  }
  return text + " classes";
}

std::string remarks(const RunResult& run) {
  std::string out;
  if (!is_complete(run))
    out += fmt::format("<p><b>Unfinished run:</b> {} of {} tasks done. All numbers are about these.</p>",
                       run.tasks_done(), run.tasks_planned());
  if (!run.departures.empty())
    out +=
        fmt::format("<p><b>Not as published:</b> {}.</p>", escaped(fmt::format("{}", fmt::join(run.departures, "; "))));
  for (const std::string& remark : run.remarks) out += fmt::format("<p>{}</p>", escaped(remark));
  return remarks_box(out);
}

std::string title_of(const RunResult& run) { return fmt::format("{} on {}", name_with_slots(run), run.data_set); }

/// The setting at this path of run.json as text; empty if there is none.
std::string setting(const RunResult& run, const char* path) {
  const nlohmann::json::json_pointer at(path);
  if (!run.settings.is_object() || !run.settings.contains(at) || run.settings[at].is_structured()) return {};
  return run.settings[at].is_string() ? run.settings[at].get<std::string>() : run.settings[at].dump();
}

std::string fact(const char* what, const std::string& value) {
  return value.empty() ? "" : fmt::format("<li>{} <b>{}</b></li>", what, escaped(value));
}

/// "20 images per class", "2000 images in all" or "none"; empty for a run that does not tell.
std::string memory_of(const RunResult& run) {
  const std::string kind = setting(run, "/memory/kind"), images = setting(run, "/memory/images");
  if (kind.empty() || kind == "none") return kind;
  return counted(std::atoll(images.c_str()), "image") + (kind == "total" ? " in all" : " per class");
}

std::string duration_of(double seconds) {
  const auto s = static_cast<std::int64_t>(std::lround(seconds));
  if (s >= 3600) return fmt::format("{} h {:02} min", s / 3600, s % 3600 / 60);
  return s >= 60 ? fmt::format("{} min {:02} s", s / 60, s % 60) : fmt::format("{} s", s);
}

/// "2026-12-01T09:15:00Z" as "2026-12-01 09:15 UTC"; other texts as they are.
std::string time_of_day(const std::string& stamp) {
  const bool is_stamp = stamp.size() == 20 && stamp[10] == 'T' && stamp.ends_with('Z');
  return is_stamp ? stamp.substr(0, 10) + " " + stamp.substr(11, 5) + " UTC" : stamp;
}

/// When, where, how long and by which command. In one line, because it alone differs where a run is repeated.
std::string made(const RunResult& run) {
  if (!run.provenance.is_object()) return {};
  const auto text = [&](const char* key) {
    const nlohmann::json value = run.provenance.value(key, nlohmann::json());
    return value.is_string() ? escaped(value.get<std::string>()) : std::string();
  };
  std::string line = fmt::format("Begun {}", time_of_day(text("started")));
  if (const auto seconds = run.provenance.find("seconds"); seconds != run.provenance.end() && seconds->is_number())
    line += ", took " + duration_of(seconds->get<double>());
  for (const auto& [before, key] :
       {std::pair{" on ", "host"}, std::pair{", ", "processor"}, std::pair{", version ", "version"}})
    if (const std::string value = text(key); !value.empty()) line += before + value;
  if (const std::string command = text("command"); !command.empty()) line += "<br><code>" + command + "</code>";
  return "<div class=made>" + line + "</div>\n";
}

std::string heading(const RunResult& run) {
  std::string facts = fmt::format("<li><b>{}</b> task{}: {}</li><li>seed <b>{}</b></li>", run.tasks_planned(),
                                  run.tasks_planned() == 1 ? "" : "s", task_sizes(run.classes_per_task), run.seed);
  facts += fact("network", setting(run, "/network/name")) + fact("epochs per task", setting(run, "/training/epochs")) +
           fact("batch", setting(run, "/training/batch_size")) +
           fact("learning rate", setting(run, "/training/schedule/lr")) +
           fact("schedule", setting(run, "/training/schedule/kind")) + fact("memory", memory_of(run));
  if (!run.protocol.empty())
    facts +=
        fmt::format("<li>protocol <b>{}</b></li><li>data <b>{}</b></li>", escaped(run.protocol), escaped(run.data_id));
  if (!run.epochs.empty()) facts += fmt::format("<li><b>{}</b> epochs in all</li>", run.epochs.size());
  const std::string description = run.description.empty() ? "" : "<p>" + escaped(run.description) + "</p>";
  return page_header(title_of(run),
                     fmt::format("{}<ul class=facts>{}</ul>\n{}{}", description, facts, made(run), remarks(run)));
}

std::string card(const std::string& what, const char* kind, double value, const std::string& formula) {
  if (!std::isfinite(value)) return {};
  return fmt::format(
      "<div class=card><div class=what>{}</div><div class=kind>{}</div><div class=big>{}<small>%</small></div>"
      "<div class=how>{}</div></div>",
      escaped(what), kind, percent(value), escaped(formula));
}

std::string cards(const std::vector<KeyNumber>& numbers) {
  std::string out = "<div class=cards>";
  for (const KeyNumber& number : headline_numbers(numbers)) {
    out += card(number.label, agnostic, number.task_agnostic, number.formula);
    out += card(number.label, aware, number.task_aware, number.formula);
  }
  return out + "</div>\n";
}

std::string pair(const std::string& first, const std::string& second) { return side_by_side(first + second); }

std::string accuracy_sections(const RunResult& run) {
  const bool forgetting_defined = run.tasks_done() > 1;
  std::string out =
      section("Accuracy", "What is left of everything learned, as new classes arrive.",
              pair(accuracy_per_step_figure(run), forgetting_defined ? forgetting_per_step_figure(run) : "") +
                  pair(task_curves_figure(run.task_agnostic, agnostic), task_curves_figure(run.task_aware, aware)));
  out += section("Accuracy matrices",
                 "One row per task learned, one column per task tested; the diagonal is the task just learned.",
                 pair(accuracy_figure(run.task_agnostic, agnostic), accuracy_figure(run.task_aware, aware)));
  return out;
}

double largest_change(const Triangle& changes) {
  double largest = 0.20;  // a smaller scale would make every change look dramatic
  for (const auto& row : changes)
    for (double value : row) largest = std::max(largest, std::abs(value));
  return largest;
}

/// Old and new classes, and what the network and the nearest means say where there is a memory.
std::string groups_section(const RunResult& run) {
  const std::string rules = rule_figure(run);
  if (run.tasks_done() < 2 && rules.empty()) return {};
  return section(
      "Groups of classes",
      "Accuracy on the classes of the newest task and on all before it; and class by class after the last task.",
      pair(old_and_new_figure(run), rules.empty() ? class_accuracy_figure(run) : rules) +
          (rules.empty() ? "" : pair(class_accuracy_figure(run), "")));
}

std::string tasks_section(const RunResult& run) {
  if (run.class_names.empty()) return {};
  return section("Tasks", "Which classes each task brings, in the order of learning.", tasks_table(run));
}

std::string forgetting_section(const RunResult& run) {
  if (run.tasks_done() < 2) return {};
  const double limit =
      std::max(largest_change(forgetting(run.task_agnostic)), largest_change(forgetting(run.task_aware)));
  return section(
      "Forgetting", "Both maps share one colour scale.",
      pair(forgetting_figure(run.task_agnostic, agnostic, limit), forgetting_figure(run.task_aware, aware, limit)));
}

std::string confusion_section(const RunResult& run) {
  if (run.confusion.total() == 0) return {};
  const std::span<const int> tasks(run.classes_per_task.data(), static_cast<std::size_t>(run.tasks_done()));
  return section(
      "Predictions after the last task", "Which classes are taken for which, choosing among all classes seen.",
      pair(confusion_figure(
               run.confusion, tasks,
               {.title = "Confusion matrix, log(1 + x) scale", .note = confusion_note, .class_names = run.class_names}),
           "<div>" + prediction_share_figure(run) + mistakes_table(run) + "</div>"));
}

std::string repeating_section(const RunResult& run) {
  if (run.guarantee.empty()) return {};
  return section(
      "Repeating and comparing",
      "What the same command gives again, and which other runs these numbers may stand beside.",
      fmt::format("<p>{}</p><p>Numbers of two runs compare where both have protocol <b>{}</b> (class order, "
                  "splits, training, memory, network, prediction) and data <b>{}</b> (every pixel and label).</p>",
                  escaped(run.guarantee), escaped(run.protocol), escaped(run.data_id)));
}

std::string last_layer_section(const RunResult& run) {
  if (run.last_layer.empty()) return {};
  return section(
      "Last layer",
      "Whether some tasks’ classes get longer weights, larger biases or higher logits than others’, over all "
      "test images: a task that stands higher draws predictions, whatever the image.",
      pair(head_levels_figure(run, weight_lengths), class_levels_figure(run, weight_lengths)) +
          pair(head_levels_figure(run, biases), class_levels_figure(run, biases)) +
          pair(head_levels_figure(run, mean_logits), class_levels_figure(run, mean_logits)));
}

std::string training_section(const RunResult& run) {
  if (run.epochs.empty()) return {};
  return section("Training", "Every epoch of every task.",
                 pair(loss_figure(run), terms_figure(run)) + pair(validation_loss_figure(run), validation_figure(run)) +
                     pair(gradient_figure(run), "") + side_by_side(number_figures(run)));
}

}  // namespace

std::string report_html(const RunResult& run) {
  MNEME_CHECK(run.tasks_done() > 0, "there is nothing to report before the first task of {} is done", run.method);
  const std::vector<KeyNumber> numbers = key_numbers(run);
  std::string content = heading(run) + cards(numbers) + how_to_read();
  if (!run.published.empty())
    content += section("Beside the published number", "Theirs, ours, and the difference in points.",
                       published_table(run, numbers));
  content += accuracy_sections(run) + forgetting_section(run) + groups_section(run) + confusion_section(run) +
             last_layer_section(run) + training_section(run);
  content += section("All averages",
                     "Papers use the same words for different averages; these are all of them, as in summary.json.",
                     numbers_table(numbers));
  content += repeating_section(run) + tasks_section(run);
  content += section("Settings", "Everything needed to run this again, as in run.json.", settings_table(run.settings));
  return page(title_of(run), content);
}

}  // namespace mneme
