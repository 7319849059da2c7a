#include "incremental/experiment/storage/run_folder.h"

#include "data/files/atomic_file.h"
#include "data/files/file_bytes.h"
#include "engine/base/error.h"
#include "incremental/protocol/confusion_csv.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>
#include <string>
#include <system_error>
#include <vector>

namespace mneme {
namespace {

namespace fs = std::filesystem;

constexpr const char *metrics_file = "metrics.jsonl", *timing_file = "timing.jsonl";
constexpr const char* events_file = "tensorboard/events.out.tfevents.0.mneme";  // a name that TensorBoard looks for
constexpr const char* top5_file = "accuracy_top5_task_agnostic.csv";
constexpr const char* own_files[] = {"run.json",
                                     metrics_file,
                                     timing_file,
                                     "accuracy_task_aware.csv",
                                     "accuracy_task_agnostic.csv",
                                     events_file,
                                     "exemplars.csv",
                                     "exemplars.svg",
                                     "confusion.csv",
                                     "last_layer.csv",
                                     "class_accuracy.csv",
                                     top5_file,
                                     "grid_search.csv",
                                     "summary.json",
                                     "report.html",
                                     RunFolder::record_file};
constexpr const char* models = "models";

void create_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error && !fs::is_directory(path, error)) error = std::make_error_code(std::errc::not_a_directory);
  MNEME_CHECK(!error, "cannot create the output folder {}: {}; choose another with --out", path.string(),
              error.message());
}

/// The lock belongs to the open file, so the system releases it when the process ends for any reason.
int lock_folder(const fs::path& path) {
  const int file = ::open((path / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  MNEME_CHECK(file >= 0, "cannot write into the output folder {}: {}; choose another with --out", path.string(),
              std::strerror(errno));
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  const int error = errno;
  ::close(file);
  MNEME_CHECK(error != EWOULDBLOCK, "another run is writing into {}; wait for it or choose another folder with --out",
              path.string());
  fail("cannot lock the output folder {}: {}", path.string(), std::strerror(error));
}

std::vector<fs::path> files_of_a_run(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const char* name : own_files)
    if (fs::exists(folder / name)) found.push_back(folder / name);
  static const std::regex weights(R"(task_\d+\.safetensors)");
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder / models, absent))
    if (std::regex_match(entry.path().filename().string(), weights)) found.push_back(entry.path());
  return found;
}

void remove_old_run(const std::vector<fs::path>& files) {
  for (const fs::path& file : files) {
    std::error_code error;
    fs::remove(file, error);
    MNEME_CHECK(!error, "cannot remove {} of the earlier run: {}", file.string(), error.message());
  }
}

std::string as_text(const nlohmann::json& value, int indent) {
  // File and class names may not be valid UTF-8. A replaced letter is better than a lost run.
  return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string as_lines(std::span<const nlohmann::json> records) {
  std::string lines;
  for (const nlohmann::json& record : records) lines += as_text(record, -1) + '\n';
  return lines;
}

std::string as_csv(const AccuracyMatrix& accuracy) {
  std::string csv = "after_task";
  for (int task = 0; task < accuracy.steps(); ++task) csv += fmt::format(",task_{}", task + 1);
  for (int step = 0; step < accuracy.steps(); ++step) {
    csv += fmt::format("\n{}", step + 1);
    for (int task = 0; task <= step; ++task) csv += fmt::format(",{}", accuracy.at(step, task));
    csv.append(static_cast<std::size_t>(accuracy.steps() - 1 - step), ',');
  }
  return csv + '\n';
}

}  // namespace

void RunFolder::check_holds_no_run(const fs::path& path) {
  const std::vector<fs::path> old = files_of_a_run(path);
  MNEME_CHECK(old.empty(),
              "{} already holds a run ({}); pass --resume to go on with it, --overwrite to replace it, or choose "
              "another folder with --out",
              path.string(), old.front().filename().string());
}

RunFolder::RunFolder(fs::path path, Existing existing) : path_(std::move(path)), checkpoints_(path_ / "checkpoints") {
  create_folder(path_);
  lock_ = lock_folder(path_);
  if (existing == Existing::resume) return;
  try {
    if (existing == Existing::refuse) check_holds_no_run(path_);
    remove_old_run(files_of_a_run(path_));
    checkpoints_.remove();
  } catch (...) {
    ::close(lock_);
    throw;
  }
}

RunFolder::~RunFolder() { ::close(lock_); }

std::vector<fs::path> RunFolder::files_without_times() const {
  std::vector<fs::path> found;
  for (const fs::path& file : files_of_a_run(path_)) {
    const fs::path inside = fs::relative(file, path_);
    if (inside != timing_file && inside != events_file && inside != record_file) found.push_back(inside);
  }
  return found;
}

std::string RunFolder::events() const {
  try {
    return read_file(path_ / events_file);
  } catch (const Error&) {
    return {};
  }
}

std::vector<nlohmann::json> RunFolder::timing() const {
  std::vector<nlohmann::json> records;
  std::ifstream lines(path_ / timing_file);
  for (std::string line; std::getline(lines, line);)
    if (nlohmann::json record = nlohmann::json::parse(line, nullptr, false); record.is_object())
      records.push_back(std::move(record));
  return records;
}

fs::path RunFolder::model_path(int task) const {
  create_folder(path_ / models);
  return path_ / models / fmt::format("task_{:02}.safetensors", task + 1);
}

void RunFolder::write_settings(const nlohmann::json& settings) const {
  write_file_atomically(path_ / "run.json", as_text(settings, 2) + '\n');
}

void RunFolder::write_metrics(std::span<const nlohmann::json> records) const {
  write_file_atomically(path_ / metrics_file, as_lines(records));
}

void RunFolder::append_metrics(const nlohmann::json& record) const {
  append_line(path_ / metrics_file, as_text(record, -1));
}

void RunFolder::write_timing(std::span<const nlohmann::json> records) const {
  write_file_atomically(path_ / timing_file, as_lines(records));
}

void RunFolder::append_timing(const nlohmann::json& record) const {
  append_line(path_ / timing_file, as_text(record, -1));
}

void RunFolder::write_accuracies(const AccuracyMatrix& task_aware, const AccuracyMatrix& task_agnostic) const {
  write_file_atomically(path_ / "accuracy_task_aware.csv", as_csv(task_aware));
  write_file_atomically(path_ / "accuracy_task_agnostic.csv", as_csv(task_agnostic));
}

void RunFolder::write_top5(const AccuracyMatrix& top5) const { write_file_atomically(path_ / top5_file, as_csv(top5)); }

void RunFolder::write_events(std::string_view events) const {
  create_folder((path_ / events_file).parent_path());
  write_file_atomically(path_ / events_file, events);
}

void RunFolder::append_events(std::string_view events) const { append_bytes(path_ / events_file, events); }

void RunFolder::write_contact_sheet(std::string_view svg) const { write_file_atomically(path_ / "exemplars.svg", svg); }

void RunFolder::write_exemplars(std::span<const ExemplarRow> rows, const ClassLabels& labels) const {
  std::string csv = fmt::format("task,class,{},rank,index,distance\n", class_label_columns);
  for (const ExemplarRow& row : rows)
    fmt::format_to(std::back_inserter(csv), "{},{},{},{},{},{}\n", row.task + 1, row.class_label,
                   labels.fields(static_cast<std::size_t>(row.class_label)), row.rank, row.index, row.distance);
  write_file_atomically(path_ / "exemplars.csv", csv);
}

void RunFolder::write_confusion(const ConfusionMatrix& confusion, const ClassLabels& labels) const {
  write_file_atomically(path_ / "confusion.csv", confusion_csv(confusion, labels));
}

void RunFolder::write_last_layer(std::span<const std::vector<ClassOutput>> after_tasks,
                                 std::span<const int> classes_per_task, const ClassLabels& labels) const {
  std::string csv = fmt::format("after_task,task,class,{},weight_length,bias,mean_logit\n", class_label_columns);
  for (std::size_t step = 0; step < after_tasks.size(); ++step)
    for (std::size_t task = 0, c = 0; task <= step; ++task)
      for (int k = 0; k < classes_per_task[task]; ++k, ++c) {
        const ClassOutput& out = after_tasks[step].at(c);
        fmt::format_to(std::back_inserter(csv), "{},{},{},{},{},{},{}\n", step + 1, task + 1, c, labels.fields(c),
                       out.weight_length, out.bias, out.mean_logit);
      }
  write_file_atomically(path_ / "last_layer.csv", csv);
}

void RunFolder::write_class_accuracies(std::span<const std::vector<double>> after_tasks,
                                       std::span<const int> classes_per_task, const ClassLabels& labels) const {
  std::string csv = fmt::format("after_task,task,class,{},accuracy_task_agnostic\n", class_label_columns);
  for (std::size_t step = 0; step < after_tasks.size(); ++step)
    for (std::size_t task = 0, c = 0; task <= step; ++task)
      for (int k = 0; k < classes_per_task[task]; ++k, ++c) {
        const double accuracy = after_tasks[step].at(c);
        fmt::format_to(std::back_inserter(csv), "{},{},{},{},{}\n", step + 1, task + 1, c, labels.fields(c),
                       std::isfinite(accuracy) ? fmt::format("{}", accuracy) : "");
      }
  write_file_atomically(path_ / "class_accuracy.csv", csv);
}

void RunFolder::write_searches(std::span<const SearchResult> searches) const {
  std::string csv = "task,what,rate,weight,accuracy\n";
  const auto text = [](const std::optional<double>& weight) { return weight ? fmt::format("{}", *weight) : ""; };
  for (const SearchResult& found : searches) {
    for (const TrialRecord& t : found.trials)
      csv += fmt::format("{},{},{},{},{}\n", found.task + 1, t.weight ? "guarded" : "plain", t.lr, text(t.weight),
                         t.accuracy);
    csv += fmt::format("{},chosen,{},{},\n", found.task + 1, found.lr, text(found.weight));
  }
  write_file_atomically(path_ / "grid_search.csv", csv);
}

void RunFolder::write_summary(const nlohmann::json& summary) const {
  write_file_atomically(path_ / "summary.json", as_text(summary, 2) + '\n');
}

void RunFolder::write_report(std::string_view html) const { write_file_atomically(path_ / "report.html", html); }

}  // namespace mneme
