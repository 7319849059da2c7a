#include "incremental/models/evaluation_files.h"

#include <cmath>
#include <iterator>

#include "data/files/csv.h"
#include "incremental/protocol/confusion_csv.h"
#include "incremental/report/charts/colours.h"
#include "incremental/report/charts/svg_file.h"

namespace mneme {
namespace {

using nlohmann::json;

double share(int64_t right, int64_t images) {
  return images ? static_cast<double>(right) / static_cast<double>(images) : std::nan("");
}

std::string percent(int64_t right, int64_t images) {
  return images ? fmt::format("{:.2f}", 100 * share(right, images)) : "-";
}

struct Group {
  std::string name;
  RightCounts counts;
};

/// All classes, old and new ones, and those of each task.
std::vector<Group> groups_of(const ModelEvaluation& e, const ModelInfo& model) {
  const int classes = model.classes(), newest = classes - model.task_sizes.back();
  const size_t tasks = model.task_sizes.size();
  std::vector<Group> groups{{"all classes", e.of_classes(0, classes)}};
  if (tasks > 1) {
    groups.push_back({fmt::format("old classes (of {} tasks)", tasks - 1), e.of_classes(0, newest)});
    groups.push_back({fmt::format("new classes (task {})", tasks), e.of_classes(newest, classes)});
  }
  for (size_t task = 0, first = 0; task < tasks; ++task) {
    const size_t end = first + static_cast<size_t>(model.task_sizes[task]);
    groups.push_back({fmt::format("task {}", task + 1), e.of_classes(static_cast<int>(first), static_cast<int>(end))});
    first = end;
  }
  return groups;
}

json as_json(const RightCounts& c) {
  return {{"images", c.images},
          {"accuracy_task_agnostic", share(c.task_agnostic, c.images)},
          {"top5_accuracy_task_agnostic", share(c.top5, c.images)},
          {"accuracy_task_aware", share(c.task_aware, c.images)}};
}

}  // namespace

std::string as_text(const ModelEvaluation& e, const ModelInfo& model) {
  std::string text =
      fmt::format("{:<28}{:>8}{:>15}{:>8}{:>12}\n", "in %", "images", "task-agnostic", "top-5", "task-aware");
  for (const auto& [name, c] : groups_of(e, model))
    fmt::format_to(std::back_inserter(text), "{:<28}{:>8}{:>15}{:>8}{:>12}\n", name, c.images,
                   percent(c.task_agnostic, c.images), percent(c.top5, c.images), percent(c.task_aware, c.images));
  double confidence = 0;
  for (const CalibrationBin& bin : e.calibration) confidence += bin.confidence;
  const RightCounts all = e.of_classes(0, model.classes());
  fmt::format_to(std::back_inserter(text),
                 "expected calibration error {:.2f} % over {} bins; mean confidence {:.2f} %, accuracy {} %\n",
                 100 * e.expected_calibration_error(), calibration_bins,
                 100 * confidence / static_cast<double>(all.images), percent(all.task_agnostic, all.images));
  return text;
}

json as_json(const ModelEvaluation& e, const ModelInfo& model) {
  json out = {{"data_set", model.images.name},
              {"tasks", model.task_sizes.size()},
              {"accuracy_task_aware", e.accuracies.task_aware},
              {"accuracy_task_agnostic", e.accuracies.task_agnostic},
              {"top5_accuracy_task_agnostic", e.accuracies.top5},
              {"expected_calibration_error", e.expected_calibration_error()},
              {"calibration_bins", calibration_bins}};
  for (const auto& [name, counts] : groups_of(e, model)) out["groups"][name] = as_json(counts);
  return out;
}

std::string classes_csv(const ModelEvaluation& e, const ModelInfo& model) {
  std::string csv = "class,name,original_label,task,images,task_agnostic,top5_task_agnostic,task_aware\n";
  size_t c = 0;
  for (size_t task = 0; task < model.task_sizes.size(); ++task)
    for (int k = 0; k < model.task_sizes[task]; ++k, ++c) {
      const RightCounts& n = e.classes[c];
      fmt::format_to(std::back_inserter(csv), "{},{},{},{},{},{},{},{}\n", c, csv_field(model.class_names[c]),
                     model.original_labels[c], task + 1, n.images, share(n.task_agnostic, n.images),
                     share(n.top5, n.images), share(n.task_aware, n.images));
    }
  return csv;
}

std::string confusion_csv(const ModelEvaluation& e, const ModelInfo& model) {
  return confusion_csv(e.accuracies.confusion, {model.class_names, model.original_labels});
}

std::string calibration_csv(const ModelEvaluation& e) {
  std::string csv = "confidence_above,confidence_up_to,images,accuracy,mean_confidence\n";
  for (const CalibrationBin& bin : e.calibration)
    fmt::format_to(std::back_inserter(csv), "{},{},{},{},{}\n", bin.low, bin.high, bin.images,
                   bin.images ? fmt::format("{}", share(bin.right, bin.images)) : "",
                   bin.images ? fmt::format("{}", bin.confidence / static_cast<double>(bin.images)) : "");
  return csv;
}

std::string reliability_svg(const ModelEvaluation& e) {
  LineChart chart;
  chart.title = fmt::format("Reliability: expected calibration error {:.2f} %", 100 * e.expected_calibration_error());
  chart.x_label = "confidence";
  chart.y_label = "accuracy";
  chart.x = chart.y = {0, 1, 0.2};
  Curve model{"model", series_colour(0), {}};
  for (const CalibrationBin& bin : e.calibration)
    if (bin.images)
      model.points.push_back({bin.confidence / static_cast<double>(bin.images), share(bin.right, bin.images),
                              fmt::format("{} images", bin.images)});
  chart.curves = {std::move(model), {"calibrated", series_colour(1), {{0, 0, ""}, {1, 1, ""}}, true}};
  return svg_file({&chart, 1});
}

}  // namespace mneme
