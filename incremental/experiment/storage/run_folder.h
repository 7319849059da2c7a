#pragma once
// A run is a folder: everything it produced, readable without this program, each file whole or absent.

#include "incremental/experiment/storage/checkpoint.h"
#include "incremental/training/grid_search.h"
#include "incremental/memory/exemplar_ledger.h"
#include "incremental/protocol/metrics.h"
#include "incremental/report/results/run_result.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace mneme {

enum class Existing { refuse, overwrite, resume };

/// The output folder of one run, held against other writers for as long as the object lives.
class RunFolder {
 public:
  /// Creates `path` (parents too) and locks it. Throws Error when the folder cannot be written, when another process
  /// writes to it at the moment, or when it holds a run already and `existing` is refuse. With overwrite the old run's
  /// files are removed, and nothing else that may lie in the folder; with resume they stay.
  explicit RunFolder(std::filesystem::path path, Existing existing = Existing::refuse);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// What a run that was stopped goes on from.
  CheckpointFolder& checkpoints() { return checkpoints_; }
  const CheckpointFolder& checkpoints() const { return checkpoints_; }
  /// Where the weights after `task` belong: models/task_00.safetensors and so on.
  std::filesystem::path model_path(int task) const;

  /// run.json: every setting of the run.
  void write_settings(const nlohmann::json& settings) const;
  /// metrics.jsonl and timing.jsonl: one object a line, all of them anew or one more.
  void write_metrics(std::span<const nlohmann::json> records) const;
  void append_metrics(const nlohmann::json& record) const;
  void write_timing(std::span<const nlohmann::json> records) const;
  void append_timing(const nlohmann::json& record) const;
  /// accuracy_task_aware.csv and accuracy_task_agnostic.csv: row = step, column = task, empty above the diagonal.
  void write_accuracies(const AccuracyMatrix& task_aware, const AccuracyMatrix& task_agnostic) const;
  /// accuracy_top5_task_agnostic.csv, likewise.
  void write_top5(const AccuracyMatrix& top5) const;
  /// tensorboard/events.out.tfevents.0.mneme: all events anew, or more of them.
  void write_events(std::string_view events) const;
  void append_events(std::string_view events) const;
  /// exemplars.csv: columns task, class, rank, index, distance. The whole ledger so far, rewritten.
  void write_exemplars(std::span<const ExemplarRow> rows) const;
  /// exemplars.svg: the exemplars as pictures.
  void write_contact_sheet(std::string_view svg) const;
  /// confusion.csv: row = true class, column = predicted class, counts over the test images after the last step. Beyond
  /// 1000 classes a line is a true class, a predicted class and how many images, where there are any.
  void write_confusion(const ConfusionMatrix& confusion) const;
  /// last_layer.csv: columns after_task, task, class, weight_length, bias, mean_logit.
  void write_last_layer(std::span<const std::vector<ClassOutput>> after_tasks,
                        std::span<const int> classes_per_task) const;
  /// grid_search.csv: every trial, and after a task's trials what was chosen: columns task, what, rate, weight,
  /// accuracy.
  void write_searches(std::span<const SearchResult> searches) const;
  /// summary.json.
  void write_summary(const nlohmann::json& summary) const;
  /// report.html.
  void write_report(std::string_view html) const;

 private:
  std::filesystem::path path_;
  CheckpointFolder checkpoints_;
  int lock_ = -1;
};

}  // namespace mneme
