#pragma once
// The folder of a run contains all its results. Every file can be read without this program, and is either complete or
// absent.

#include "incremental/experiment/storage/checkpoint.h"
#include "incremental/memory/exemplar_ledger.h"
#include "incremental/protocol/class_labels.h"
#include "incremental/protocol/metrics.h"
#include "incremental/report/results/run_result.h"
#include "incremental/training/grid_search.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mneme {

/// What happens if the folder already contains a run.
enum class Existing { refuse, overwrite, resume };

/// The output folder of one run. It is locked against other processes during the lifetime of the object.
class RunFolder {
 public:
  /// Creates `path`, including its parents, and locks it. Throws Error if the folder cannot be written, if another
  /// process is writing to it, or if it contains a run and `existing` is refuse. With overwrite, the files of the old
  /// run are removed, and no other files; with resume they remain.
  explicit RunFolder(std::filesystem::path path, Existing existing = Existing::refuse);
  /// Throws the Error of the constructor if `path` contains a run. Creates and changes nothing.
  static void check_holds_no_run(const std::filesystem::path& path);
  /// Releases the lock.
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// The folder.
  const std::filesystem::path& path() const { return path_; }
  /// The checkpoints from which a stopped run continues.
  CheckpointFolder& checkpoints() { return checkpoints_; }
  /// The checkpoints from which a stopped run continues.
  const CheckpointFolder& checkpoints() const { return checkpoints_; }
  /// The name of the record of a finished run (storage/finished_record.h).
  static constexpr const char* record_file = "results.checkpoint";
  /// The files of the run that exist and tell no times, as paths inside the folder, without the record.
  std::vector<std::filesystem::path> files_without_times() const;

  /// The file of the weights after `task`, counted from 0: models/task_01.safetensors and so on. In the names and
  /// contents of files tasks count from 1.
  std::filesystem::path model_path(int task) const;

  /// Writes run.json: all settings of the run. All write_ and append_ functions throw Error if a file cannot be
  /// written.
  void write_settings(const nlohmann::json& settings) const;
  /// Writes metrics.jsonl: one object per line.
  void write_metrics(std::span<const nlohmann::json> records) const;
  /// Appends a line to metrics.jsonl.
  void append_metrics(const nlohmann::json& record) const;
  /// Writes timing.jsonl: one object per line.
  void write_timing(std::span<const nlohmann::json> records) const;
  /// Appends a line to timing.jsonl.
  void append_timing(const nlohmann::json& record) const;
  /// Writes accuracy_task_aware.csv and accuracy_task_agnostic.csv: row = step, column = task, empty above the
  /// diagonal.
  void write_accuracies(const AccuracyMatrix& task_aware, const AccuracyMatrix& task_agnostic) const;
  /// Writes accuracy_top5_task_agnostic.csv in the same form.
  void write_top5(const AccuracyMatrix& top5) const;
  /// Writes tensorboard/events.out.tfevents.0.mneme.
  void write_events(std::string_view events) const;
  /// The content of TensorBoard's file; empty if it is missing or cannot be read.
  std::string events() const;
  /// The lines of timing.jsonl that are JSON; none if it is missing or cannot be read.
  std::vector<nlohmann::json> timing() const;
  /// Appends events to that file.
  void append_events(std::string_view events) const;
  /// Writes exemplars.csv with the columns task, class, name, original_label, rank, index, distance: the whole ledger
  /// so far.
  void write_exemplars(std::span<const ExemplarRow> rows, const ClassLabels& labels) const;
  /// Writes exemplars.svg: the images of the exemplars.
  void write_contact_sheet(std::string_view svg) const;
  /// Writes confusion.csv: confusion_csv() over the test images after the last step.
  void write_confusion(const ConfusionMatrix& confusion, const ClassLabels& labels) const;
  /// Writes last_layer.csv with the columns after_task, task, class, name, original_label, weight_length, bias,
  /// mean_logit.
  void write_last_layer(std::span<const std::vector<ClassOutput>> after_tasks, std::span<const int> classes_per_task,
                        const ClassLabels& labels) const;
  /// Writes class_accuracy.csv with the columns after_task, task, class, name, original_label, accuracy_task_agnostic;
  /// the last is empty for a class without test images.
  void write_class_accuracies(std::span<const std::vector<double>> after_tasks, std::span<const int> classes_per_task,
                              const ClassLabels& labels) const;
  /// Writes grid_search.csv with the columns task, what, rate, weight, accuracy: every trial, and after the trials of a
  /// task the values chosen.
  void write_searches(std::span<const SearchResult> searches) const;
  /// Writes summary.json.
  void write_summary(const nlohmann::json& summary) const;
  /// Writes report.html.
  void write_report(std::string_view html) const;

 private:
  std::filesystem::path path_;
  CheckpointFolder checkpoints_;
  int lock_ = -1;
};

}  // namespace mneme
