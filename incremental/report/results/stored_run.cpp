#include "incremental/report/results/stored_run.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

#include "data/files/csv.h"
#include "data/files/file_bytes.h"
#include "data/files/text_lines.h"
#include "data/files/whole_number.h"
#include "engine/base/error.h"
#include "incremental/protocol/confusion_csv.h"
#include "incremental/report/results/key_numbers.h"
#include "incremental/report/results/run_format.h"
#include "incremental/report/results/run_state.h"

namespace mneme {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int most_classes = 100000;  // of a task; a larger number means a damaged file

using LastLayers = std::vector<std::vector<ClassOutput>>;

/// Applies `read` to the file's JSON. Every error message names the file.
template <class Read>
void read_json(const fs::path& file, const Read& read) {
  try {
    read(json::parse(read_file(file)));
  } catch (const json::exception& error) {
    fail("{}: is not what a run writes ({})", file.string(), error.what());
  }
}

void check_is_run(const fs::path& folder) {
  MNEME_CHECK(fs::exists(folder), "{}: there is no such folder", folder.string());
  if (fs::exists(folder / "summary.json")) return;
  MNEME_CHECK(!fs::exists(folder / "run.json"), "{}: this run has not finished its first task yet", folder.string());
  fail("{}: is no run's folder, as it holds no summary.json: name the folder that --out named", folder.string());
}

void read_summary(const json& summary, RunResult& run) {
  summary.at("method").get_to(run.method);
  summary.at("data_set").get_to(run.data_set);
  summary.at("seed").get_to(run.seed);
  summary.at("classes_per_task").get_to(run.classes_per_task);
  run.description = summary.value("description", "");
  run.protocol = summary.value("protocol", "");
  run.data_id = summary.value("data_id", "");
  run.departures = summary.value("departures", run.departures);
  run.remarks = summary.value("remarks", run.remarks);
  for (const json& number : summary.value("published", json::array()))
    run.published.push_back(published_number(number));
  run.task_aware = AccuracyMatrix(summary.at("accuracy_task_aware").get<Triangle>());
  run.task_agnostic = AccuracyMatrix(summary.at("accuracy_task_agnostic").get<Triangle>());
  run.top5 = AccuracyMatrix(summary.value("top5_accuracy_task_agnostic", Triangle()));
  const auto matrix = [&](const char* key) { return AccuracyMatrix(summary.value(key, Triangle())); };
  run.network = {matrix("accuracy_by_network_task_aware"), matrix("accuracy_by_network_task_agnostic")};
  run.nearest_mean = {matrix("accuracy_by_nearest_mean_task_aware"), matrix("accuracy_by_nearest_mean_task_agnostic")};
  run.forward_transfer = summary.value("forward_transfer_per_task", run.forward_transfer);
  run.reference_task_aware = summary.value("reference_accuracy_task_aware", run.reference_task_aware);
  run.reference_task_agnostic = summary.value("reference_accuracy_task_agnostic", run.reference_task_agnostic);
}

bool is_sound(const RunResult& run) {
  const auto plausible = [](int classes) { return classes > 0 && classes <= most_classes; };
  return std::ranges::all_of(run.classes_per_task, plausible) && run.tasks_done() > 0 &&
         run.tasks_done() <= run.tasks_planned() && run.task_aware.steps() == run.tasks_done() &&
         std::ranges::all_of(
             std::initializer_list<const AccuracyMatrix*>{&run.top5, &run.network.task_aware,
                                                          &run.network.task_agnostic, &run.nearest_mean.task_aware,
                                                          &run.nearest_mean.task_agnostic},
             [&](const AccuracyMatrix* a) { return a->empty() || a->steps() == run.tasks_done(); });
}

int classes_learned(const RunResult& run) {
  return std::accumulate(run.classes_per_task.begin(), run.classes_per_task.begin() + run.tasks_done(), 0);
}

ConfusionMatrix read_confusion(const fs::path& file, int classes) {
  const std::string bytes = read_file(file), name = file.string();
  return parse_confusion(text_of(bytes, name), name, classes);
}

/// Test images per task done. The confusion matrix counts every test image once.
std::vector<double> test_images(const RunResult& run) {
  std::vector<double> images;
  int c = 0;
  for (int task = 0; task < run.tasks_done(); ++task) {
    images.push_back(0);
    for (int k = 0; k < run.classes_per_task[static_cast<size_t>(task)]; ++k)
      images.back() += static_cast<double>(run.confusion.total_of(c++));
    if (images.back() == 0) return {};
  }
  return images;
}

/// If a run is still going on or was interrupted, its last line may be incomplete. That line is ignored.
std::vector<EpochRecord> read_epochs(const fs::path& file, int first_task) {
  const bool is_whole = read_file(file).ends_with('\n');
  std::vector<std::string> lines = read_lines(file);
  if (!is_whole && !lines.empty()) lines.pop_back();
  std::vector<EpochRecord> epochs;
  try {
    for (const std::string& line : lines) epochs.push_back(epoch_record(json::parse(line), first_task));
  } catch (const std::exception& error) {
    fail("{}: line {} is none that a run writes ({})", file.string(), epochs.size() + 1, error.what());
  }
  return epochs;
}

/// A real number that is all of `text`, or NaN and infinity as fmt writes them.
bool read_real(const std::string& text, double& value) {
  char* end = nullptr;
  value = std::strtod(text.c_str(), &end);
  return !text.empty() && end == text.c_str() + text.size();
}

/// Reads a line of last_layer.csv, whose numbers begin at column `first`. False if it is none for step, and class `c`.
bool read_class_output(const CsvRow& row, size_t first, size_t step, size_t c, ClassOutput& out) {
  if (row.fault || row.fields.size() != first + 3) return false;
  return whole_number<size_t>(row.fields[0]) == step && whole_number<size_t>(row.fields[1]) &&
         whole_number<size_t>(row.fields[2]) == c && read_real(row.fields[first], out.weight_length) &&
         read_real(row.fields[first + 1], out.bias) && read_real(row.fields[first + 2], out.mean_logit);
}

/// Reads last_layer.csv, with the classes' names or as older versions wrote it.
LastLayers read_last_layers(const fs::path& file, int first_task) {
  const std::string bytes = read_file(file);
  CsvReader reader(text_of(bytes, file.string()));
  CsvRow row;
  LastLayers layers;
  reader.next(row);
  const size_t first = row.fields.size() > 3 && row.fields[3] == "name" ? 5 : 3;
  while (reader.next(row)) {
    ClassOutput out;
    const size_t next = layers.size() + static_cast<size_t>(first_task);
    if (read_class_output(row, first, next, 0, out))
      layers.push_back({out});
    else if (!layers.empty() && read_class_output(row, first, next - 1, layers.back().size(), out))
      layers.back().push_back(out);
    else
      fail("{}: line {} is none that a run writes", file.string(), row.line);
  }
  return layers;
}

/// The names of the classes in the order of learning, from class_accuracy.csv. Its third column is the class, its
/// fourth the name. Empty if the file is missing, as in older runs, or if it does not name each of these classes:
/// figures then show numbers.
std::vector<std::string> read_class_names(const fs::path& file, int classes) {
  if (!fs::exists(file)) return {};
  const std::string bytes = read_file(file);
  CsvReader reader(text_of(bytes, file.string()));
  std::vector<std::string> names;
  for (CsvRow row; reader.next(row);)
    if (!row.fault && row.fields.size() > 4 && whole_number<int>(row.fields[2]) == std::ssize(names))
      names.push_back(row.fields[3]);
  const bool all = std::ssize(names) == classes && std::ranges::count(names, "") == 0;
  return all ? names : std::vector<std::string>();
}

bool fits(const LastLayers& layers, const RunResult& run) {
  if (layers.size() != static_cast<size_t>(run.tasks_done())) return false;
  size_t classes = 0;
  for (size_t step = 0; step < layers.size(); ++step) {
    classes += static_cast<size_t>(run.classes_per_task[step]);
    if (layers[step].size() != classes) return false;
  }
  return true;
}

/// Reads the files that a run writes again after every task, beside summary.json.
void read_files_of_task(const fs::path& folder, RunResult& run) {
  const fs::path last_layer = folder / "last_layer.csv";
  const int first_task = first_task_number(run.settings);
  run.confusion = read_confusion(folder / "confusion.csv", classes_learned(run));
  run.class_names = read_class_names(folder / "class_accuracy.csv", classes_learned(run));
  run.test_images_per_task = test_images(run);
  run.epochs = read_epochs(folder / "metrics.jsonl", first_task);
  if (fs::exists(last_layer)) run.last_layer = read_last_layers(last_layer, first_task);
  MNEME_CHECK(run.last_layer.empty() || fits(run.last_layer, run),
              "{}: last_layer.csv does not fit summary.json; are they of one run?", folder.string());
}

/// Reads a run.json: the settings, and apart from them how the run was made.
void read_settings(const fs::path& file, RunResult& run) {
  read_json(file, [&](const json& content) {
    run.settings = content.get<json::object_t>();
    run.provenance = run.settings.value("provenance", json());
    run.settings.erase("provenance");
  });
}

/// The run of a summary, without what lies beside it. Every error names the file.
RunResult run_of_summary(const fs::path& summary) {
  RunResult run;
  try {
    read_json(summary, [&](const json& content) { read_summary(content, run); });
  } catch (const Error& error) {
    const std::string what = error.what();
    fail("{}{}", what.starts_with(summary.string()) ? "" : summary.string() + ": ", what);
  }
  MNEME_CHECK(is_sound(run), "{}: its accuracies do not fit its tasks", summary.string());
  return run;
}

/// run.json beside a summary by this name.
fs::path settings_beside(const fs::path& summary) {
  constexpr std::string_view ending = "summary.json";
  const std::string name = summary.filename().string();
  const std::string begin = name.ends_with(ending) ? name.substr(0, name.size() - ending.size()) : "";
  return summary.parent_path() / (begin + "run.json");
}

/// Throws Error unless the averages that follow from the accuracies are those of the summary.
void check_averages(const RunResult& run, const fs::path& summary) {
  constexpr double rounding = 1e-9;
  double stored = 0;
  read_json(summary, [&](const json& content) { stored = content.at("average_incremental_accuracy").get<double>(); });
  const double ours = mean_over_steps(accuracy_per_step(run, run.task_agnostic));
  MNEME_CHECK(std::abs(stored - ours) <= rounding,
              "{}: its averages weigh the tasks by their test images, whose numbers it does not tell; put the run's "
              "confusion.csv beside it",
              summary.string());
}

}  // namespace

RunResult stored_run(const fs::path& folder) {
  check_is_run(folder);
  RunResult run = run_of_summary(folder / "summary.json");
  read_settings(folder / "run.json", run);
  run.unfinished = why_unfinished(folder, run.tasks_done());
  try {
    read_files_of_task(folder, run);
  } catch (const Error& error) {
    if (run.unfinished.empty()) throw;
    fail("{}: this run is unfinished, as {}, and its files are not all of one task yet ({})", folder.string(),
         run.unfinished, error.what());
  }
  return run;
}

RunResult stored_summary(const fs::path& path) {
  const bool is_folder = fs::is_directory(path);
  if (is_folder || !fs::exists(path)) check_is_run(path);
  const fs::path summary = is_folder ? path / "summary.json" : path;
  RunResult run = run_of_summary(summary);
  if (const fs::path settings = settings_beside(summary); fs::exists(settings)) read_settings(settings, run);
  if (const fs::path confusion = summary.parent_path() / "confusion.csv"; is_folder && fs::exists(confusion)) {
    run.confusion = read_confusion(confusion, classes_learned(run));
    run.test_images_per_task = test_images(run);
    run.confusion = ConfusionMatrix();
  }
  check_averages(run, summary);
  if (is_folder) run.unfinished = why_unfinished(path, run.tasks_done());
  return run;
}

}  // namespace mneme
