#pragma once
// What a finished (or half-finished) run has to tell: everything summaries and reports are made of, as plain values.

#include "incremental/protocol/metrics.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mneme {

/// One epoch of training: one line of metrics.jsonl, and one of timing.jsonl.
struct EpochRecord {
  int task = 0;
  int epoch = 0;                              // within the task, from 1
  std::string stage = "train";                // "train", or a second stage's name
  double loss = 0;                            // mean over the epoch's images
  std::optional<double> validation_accuracy;  // fraction of 1
  double lr = 0;
  double seconds = 0;                // of training; validation comes on top
  std::int64_t images = 0;           // trained on in these seconds
  double ended = 0;                  // in seconds since 1970
  double waited = 0;                 // of the seconds, for images to be decoded
  std::optional<double> alpha = {};  // of a balanced softmax that learns it
};

/// Without times: equal for equal runs.
nlohmann::json as_json(const EpochRecord& record);
/// What as_json() wrote; a loss that was not finite, which JSON has no number for, is NaN. Throws json::exception.
EpochRecord epoch_record(const nlohmann::json& json);
/// Which epoch, seconds, images per second, and the share of the seconds in which images were waited for.
nlohmann::json timing_as_json(const EpochRecord& record);

/// What the last layer does for one class.
struct ClassOutput {
  double weight_length = 0;  // of what features are multiplied by
  double bias = 0;
  double mean_logit = 0;  // over the test images of all tasks so far
};

/// A number printed in a paper that this run repeats. `key` is its name in summary.json.
struct PublishedNumber {
  std::string key;
  double value = 0;                      // fraction of 1
  std::optional<double> deviation = {};  // over the paper's repetitions, fraction of 1
  std::string source = {};               // "Table 4, IL-Baseline"
  std::string note = {};                 // how far the run's preset repeats it, and why, in one line; empty: faithfully
  bool comparable = true;                // off: something that decides the number is known to differ
};

nlohmann::json as_json(const PublishedNumber& number);
/// What as_json() wrote. Throws json::exception.
PublishedNumber published_number(const nlohmann::json& json);

struct RunResult {
  std::string method;       // "lwf"
  std::string description;  // one sentence on the method; may be empty
  std::string data_set;     // "CIFAR-100"
  std::uint64_t seed = 0;
  std::vector<int> classes_per_task;                 // all planned tasks
  std::vector<double> test_images_per_task;          // empty: proportional to classes
  std::vector<std::string> class_names;              // by global label; empty: labels are used
  AccuracyMatrix task_aware, task_agnostic;          // a row per task done
  AccuracyMatrix top5;                               // task-agnostic, the label among five; empty where not known
  ConfusionMatrix confusion;                         // after the last task done, over the classes seen; may be empty
  std::vector<std::vector<ClassOutput>> last_layer;  // after each task done, of every class seen; may be empty
  std::vector<EpochRecord> epochs;
  std::vector<PublishedNumber> published;
  std::vector<std::string> departures;  // from what the paper did, a phrase each; then `published` does not compare
  std::vector<std::string> remarks;     // what a reader must know: shortened schedule, generated images, ...
  std::string protocol, data_id;        // equal where numbers may be compared; empty where unknown
  std::string guarantee;                // how far the same command gives the same numbers, a sentence or two
  nlohmann::json settings;              // as in run.json

  int tasks_done() const { return task_agnostic.steps(); }
  int tasks_planned() const { return static_cast<int>(classes_per_task.size()); }
};

}  // namespace mneme
