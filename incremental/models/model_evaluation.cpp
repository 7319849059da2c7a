#include "incremental/models/model_evaluation.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "engine/base/error.h"
#include "incremental/protocol/saved_rule.h"
#include "incremental/protocol/tested_image.h"

namespace mneme {
namespace {

/// The label in `set` of every class of the model, in learning order.
std::vector<int> labels_in_set(const ModelInfo& model, const ImageSetInfo& set) {
  std::unordered_map<std::string, int> label_of;
  for (int label = 0; label < set.classes(); ++label) label_of[set.class_names[static_cast<size_t>(label)]] = label;
  std::vector<int> labels;
  std::vector<std::string> absent;
  for (const std::string& name : model.class_names) {
    const auto found = label_of.find(name);
    if (found == label_of.end())
      absent.push_back(name);
    else
      labels.push_back(found->second);
  }
  constexpr size_t told = 5;
  const size_t missing = absent.size();
  if (missing > told) absent.resize(told);
  MNEME_CHECK(missing == 0,
              "the classes do not match: {} of the model's {} are not in {}, which has {} ({}{}); give the data set "
              "that it was trained on",
              missing, model.classes(), set.name, set.classes(), fmt::join(absent, ", "),
              missing > told ? ", ..." : "");
  return labels;
}

void check_images(const ImageSetInfo& model, const ImageSetInfo& set) {
  MNEME_CHECK(model.channels == set.channels && model.height == set.height && model.width == set.width,
              "the model takes images of {} x {} x {} numbers, and those of {} have {} x {} x {}", model.channels,
              model.height, model.width, set.name, set.channels, set.height, set.width);
  MNEME_CHECK(model.normalisation.mean == set.normalisation.mean && model.normalisation.std == set.normalisation.std,
              "the model's images are normalised by mean [{}] and deviation [{}], and those of {} by others; use the "
              "program that trained it",
              fmt::join(model.normalisation.mean, ", "), fmt::join(model.normalisation.std, ", "), set.name);
}

std::vector<CalibrationBin> empty_bins() {
  std::vector<CalibrationBin> bins;
  for (int b = 0; b < calibration_bins; ++b)
    bins.push_back({double{1.0 * b / calibration_bins}, double{1.0 * (b + 1) / calibration_bins}, 0, 0, 0});
  return bins;
}

void add_to_bin(std::vector<CalibrationBin>& bins, double confidence, bool right) {
  const auto last = static_cast<double>(bins.size() - 1);
  const double place = std::clamp(std::ceil(confidence * calibration_bins) - 1, 0.0, last);
  CalibrationBin& bin = bins[static_cast<size_t>(place)];
  ++bin.images;
  bin.right += right;
  bin.confidence += confidence;
}

void keep(TestOutputs& outputs, const TestedImage& image, const std::vector<Subset>& subsets) {
  const ImageOutput& o = image.output;
  outputs.features.insert(outputs.features.end(), o.features.begin(), o.features.end());
  outputs.logits.insert(outputs.logits.end(), o.logits.begin(), o.logits.end());
  outputs.labels.push_back(image.label);
  outputs.predicted.push_back(image.predicted);
  outputs.images.push_back(subsets[static_cast<size_t>(image.task)].images[image.index]);
}

}  // namespace

void RightCounts::add(const RightCounts& other) {
  images += other.images;
  task_agnostic += other.task_agnostic;
  top5 += other.top5;
  task_aware += other.task_aware;
}

RightCounts ModelEvaluation::of_classes(int begin, int end) const {
  RightCounts sum;
  for (int c = begin; c < end; ++c) sum.add(classes[static_cast<size_t>(c)]);
  return sum;
}

double ModelEvaluation::expected_calibration_error() const {
  double error = 0, images = 0;
  for (const CalibrationBin& bin : calibration) {
    error += std::abs(static_cast<double>(bin.right) - bin.confidence);  // n_b |accuracy - confidence|
    images += static_cast<double>(bin.images);
  }
  return error / images;
}

std::vector<Subset> subsets_for(const ModelInfo& model, const ImageSet& set) {
  check_images(model.images, set.info);
  const std::vector<int> labels = labels_in_set(model, set.info);
  std::vector<int> class_of(static_cast<size_t>(set.info.classes()), -1), task_of(labels.size());
  for (size_t c = 0; c < labels.size(); ++c) class_of[static_cast<size_t>(labels[c])] = static_cast<int>(c);
  size_t next = 0;
  for (size_t task = 0; task < model.task_sizes.size(); ++task)
    for (int k = 0; k < model.task_sizes[task]; ++k) task_of[next++] = static_cast<int>(task);
  std::vector<Subset> subsets(model.task_sizes.size());
  for (int i = 0; i < set.size(); ++i) {
    const int c = class_of[static_cast<size_t>(set.labels[static_cast<size_t>(i)])];
    if (c >= 0) subsets[static_cast<size_t>(task_of[static_cast<size_t>(c)])].append({{i}, {c}});
  }
  return subsets;
}

ModelEvaluation evaluate_model(TrainedModel& model, const ImageSource& source, const std::vector<Subset>& subsets,
                               bool keep_outputs) {
  ModelEvaluation evaluation;
  evaluation.classes.resize(static_cast<size_t>(model.info.classes()));
  evaluation.calibration = empty_bins();
  const TestVisitor visit = [&](const TestedImage& image) {
    const bool right = image.predicted == image.label;
    evaluation.classes[static_cast<size_t>(image.label)].add(
        {1, right, image.in_top5, image.predicted_in_task == image.label});
    const std::vector<double> p = probabilities_by(*model.rule, image.scores);
    add_to_bin(evaluation.calibration, p[static_cast<size_t>(image.predicted)], right);
    if (keep_outputs) keep(evaluation.outputs, image, subsets);
  };
  evaluation.accuracies = evaluate_each(*model.net, source, subsets, *model.rule, visit, keep_outputs);
  return evaluation;
}

}  // namespace mneme
