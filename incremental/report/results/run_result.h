#pragma once
// The results of a complete or incomplete run, as plain values. Summaries and reports are made from them.

#include "incremental/protocol/metrics.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mneme {

/// Numbers by name.
using NamedNumbers = std::map<std::string, double>;

/// One epoch of training: one line of metrics.jsonl, and one of timing.jsonl.
struct EpochRecord {
  int task = 0;                                    ///< from 0
  int epoch = 0;                                   ///< within the stage, from 1
  std::string stage = "train";                     ///< "train", or the name of another stage
  double loss = 0;                                 ///< mean over the epoch's images
  std::optional<double> validation_accuracy = {};  ///< fraction of 1
  double lr = 0;                                   ///< learning rate
  double seconds = 0;                              ///< training time, without validation
  std::int64_t images = 0;                         ///< images trained on in this time
  double ended = 0;                                ///< seconds since 1970
  double waited = 0;                               ///< the part of `seconds` spent waiting for decoded images
  std::optional<double> validation_loss = {};      ///< what the patience schedule decides by
  NamedNumbers terms = {};                   ///< the share of each term of the loss, by name; their sum is the loss
  std::optional<double> gradient_norm = {};  ///< before clipping, mean over the steps
  NamedNumbers numbers = {};                 ///< the method's own: alpha, rho, lambda_t, learned scales
};

/// A line of metrics.jsonl, where tasks count from 1. It contains no times, so that equal runs have equal lines.
nlohmann::json as_json(const EpochRecord& record);
/// The inverse of as_json(); `first_task` is what the file calls the first task, see first_task_number(). A loss that
/// was not finite, for which JSON has no number, becomes NaN. Throws json::exception, and Error for an earlier task.
EpochRecord epoch_record(const nlohmann::json& json, int first_task = 1);
/// A line of timing.jsonl: task and epoch, when the epoch ended (in seconds since 1970), its seconds, images per
/// second, and the share of the time spent waiting for images.
nlohmann::json timing_as_json(const EpochRecord& record);

/// The last layer's parameters and outputs for one class.
struct ClassOutput {
  double weight_length = 0;  ///< norm of the class's weight vector
  double bias = 0;           ///< bias of the class
  double mean_logit = 0;     ///< mean over the test images of all tasks so far
};

/// A published value that this run reproduces.
struct PublishedNumber {
  std::string key;                       ///< name of the value in summary.json
  double value = 0;                      ///< fraction of 1
  std::optional<double> deviation = {};  ///< over the paper's repetitions, fraction of 1
  std::string source = {};               ///< for example "Table 4, IL-Baseline"
  std::string note = {};                 ///< what the run's preset assumes or departs in, one line; empty: nothing
  bool comparable = true;                ///< false: something that decides the value is known to differ
};

/// The value as JSON.
nlohmann::json as_json(const PublishedNumber& number);
/// The inverse of as_json(). Throws json::exception.
PublishedNumber published_number(const nlohmann::json& json);

/// The two accuracy matrices of a prediction rule.
struct RuleAccuracies {
  AccuracyMatrix task_aware,  ///< a row per task done
      task_agnostic;          ///< a row per task done
};

/// The results of one run.
struct RunResult {
  std::string method;                 ///< for example "lwf"
  std::string description;            ///< one sentence on the method; may be empty
  std::string data_set;               ///< for example "CIFAR-100"
  std::uint64_t seed = 0;             ///< the run's seed
  std::vector<int> classes_per_task;  ///< of all planned tasks
  /// The number of test images of each task; empty: proportional to the classes.
  std::vector<double> test_images_per_task;
  std::vector<std::string> class_names;  ///< by global label; empty: labels are printed
  AccuracyMatrix task_aware,             ///< a row per task done
      task_agnostic;                     ///< a row per task done
  AccuracyMatrix top5;                   ///< task-agnostic, label among the five highest scores; empty if unknown
  /// With a memory: what the largest logit predicts, which PyCIL prints as CNN. Empty otherwise.
  RuleAccuracies network;
  /// With a memory: what the nearest mean of the exemplars predicts from the same outputs, which PyCIL prints as NME.
  /// Empty otherwise.
  RuleAccuracies nearest_mean;
  std::vector<std::vector<double>> class_accuracy;  ///< after each task done, task-agnostic, of every class seen
  /// From the second task on: by how much the features know the task before it is learned, see transfer.h; empty
  /// unless measured.
  std::vector<double> forward_transfer;
  std::vector<double> reference_task_aware,  ///< a*_t of a reference run, see intransigence(); empty without one
      reference_task_agnostic;               ///< likewise
  ConfusionMatrix confusion;                 ///< after the last task done, over the classes seen; may be empty
  std::vector<std::vector<ClassOutput>> last_layer;  ///< after each task done, of every class seen; may be empty
  std::vector<EpochRecord> epochs;                   ///< all epochs of all tasks
  std::vector<PublishedNumber> published;            ///< published values to compare with
  /// Differences from the paper's settings, a phrase each; `published` is then not comparable.
  std::vector<std::string> departures;
  std::vector<std::string> remarks;  ///< warnings for the reader: shortened schedule, generated images, ...
  std::string protocol,              ///< equal if results may be compared; empty if unknown
      data_id;                       ///< likewise for the data
  std::string guarantee;             ///< how exactly the same command reproduces these results, as text
  nlohmann::json settings;           ///< the content of run.json without `provenance`
  nlohmann::json provenance;  ///< command, times and machine (incremental/experiment/storage/provenance.h); may be null
  std::string unfinished;     ///< of a stored run: why it is unfinished, see why_unfinished(); else empty

  /// Tasks learned.
  int tasks_done() const { return task_agnostic.steps(); }
  /// Tasks planned.
  int tasks_planned() const { return static_cast<int>(classes_per_task.size()); }
};

}  // namespace mneme
