#include "incremental/protocol/evaluate.h"

#include "incremental/protocol/tested_image.h"

#include <algorithm>

#include "engine/base/stop.h"

namespace mneme {
namespace {

int argmax(const ClassScores& scores, int begin, int end) {
  return static_cast<int>(std::max_element(scores.begin() + begin, scores.begin() + end) - scores.begin());
}

constexpr int highest = 5;  // the k of top-k accuracy

/// The number of correctly classified images of one task.
struct Counts {
  int aware = 0, agnostic = 0, top5 = 0;
};

/// Counts of a rule that is judged beside the main one.
struct SideCounts {
  int aware = 0, agnostic = 0;

  void add(const ClassScores& scores, int label, int begin, int end) {
    aware += argmax(scores, begin, end) == label;
    agnostic += argmax(scores, 0, static_cast<int>(scores.size())) == label;
  }
  void report(EvaluationResult::Accuracies& to, double images) const {
    to.task_aware.push_back(aware / images);
    to.task_agnostic.push_back(agnostic / images);
  }
};

}  // namespace

void for_each_output(IncrementalNet& net, const ImageSource& set, std::span<const int> images, bool with_features,
                     const OutputVisitor& visit, const InputTransform& transform, int batch_size) {
  NoGrad numbers_only;
  std::vector<BatchRequest> batches = in_batches(images, batch_size);
  size_t first = 0;
  for (BatchRequest& batch : batches) {
    batch.augmentation = transform.augmentation;
    batch.draws = transform.draws;
    batch.draws.first_sample += static_cast<uint32_t>(first);
    first += batch.images.size();
  }
  set.prefetch(batches);
  size_t i = 0;
  for (const BatchRequest& batch : batches) {
    stop_if_asked();
    const NetOutput output = net.forward(set.assemble(batch), inference_mode);
    const std::vector<float> logits = output.scores.logits.floats(),
                             features = with_features ? output.features.pooled.floats() : std::vector<float>{};
    const size_t count = batch.images.size(), classes = logits.size() / count, width = features.size() / count;
    for (size_t n = 0; n < count; ++n)
      visit(i++, {{logits.data() + n * classes, classes}, {features.data() + n * width, width}});
  }
}

ImageOutputs collect_outputs(IncrementalNet& net, const ImageSource& set, std::span<const int> images,
                             bool with_features, int batch_size) {
  ImageOutputs out;
  const OutputVisitor keep = [&](size_t, const ImageOutput& output) {
    out.logits.emplace_back(output.logits.begin(), output.logits.end());
    if (with_features) out.features.emplace_back(output.features.begin(), output.features.end());
  };
  for_each_output(net, set, images, with_features, keep, {}, batch_size);
  return out;
}

bool is_among_highest(std::span<const float> scores, int label, int count) {
  const auto own = static_cast<size_t>(label);
  int higher = 0;
  for (size_t c = 0; c < scores.size() && higher < count; ++c)
    higher += scores[c] > scores[own] || (scores[c] == scores[own] && c < own);
  return higher < count;
}

int correct_in_own_task(const Tensor& logits, const std::vector<int>& labels, const TaskContext& task) {
  const std::vector<float> flat = logits.floats();
  int correct = 0;
  for (size_t n = 0; n < labels.size(); ++n) {
    int own = 0;
    while (task.offset(own + 1) <= labels[n]) ++own;
    const auto row = flat.begin() + static_cast<std::ptrdiff_t>(n) * logits.dim(1);
    correct += std::max_element(row + task.offset(own), row + task.offset(own + 1)) - row == labels[n];
  }
  return correct;
}

EvaluationResult evaluate(IncrementalNet& net, const ImageSource& set, const std::vector<Subset>& subsets,
                          const PredictionRule& rule, const PredictionRule* side_rule) {
  return evaluate_each(net, set, subsets, rule, {}, false, side_rule);
}

EvaluationResult evaluate_each(IncrementalNet& net, const ImageSource& set, const std::vector<Subset>& subsets,
                               const PredictionRule& rule, const TestVisitor& visit, bool with_features,
                               const PredictionRule* side_rule) {
  EvaluationResult evaluation{
      {}, {}, {}, ConfusionMatrix(net.classes()), std::vector<double>(static_cast<size_t>(net.classes()), 0.0), {}, {}};
  for (int task = 0; task < net.tasks(); ++task) {
    const Subset& subset = subsets[static_cast<size_t>(task)];
    MNEME_CHECK(subset.size() > 0, "task {} has no test images; the data set's test part lacks its classes", task + 1);
    Counts right;
    SideCounts side, logits;
    const OutputVisitor test = [&](size_t i, const ImageOutput& output) {
      const int label = subset.labels[i];
      const ClassScores scores = rule.among_all(output, net.task_sizes);
      const TestedImage image{task,
                              i,
                              label,
                              argmax(scores, 0, net.classes()),
                              argmax(rule.inside_task(output), net.offset(task), net.offset(task + 1)),
                              is_among_highest(scores, label, highest),
                              scores,
                              output};
      right.aware += image.predicted_in_task == label;
      right.agnostic += image.predicted == label;
      right.top5 += image.in_top5;
      evaluation.confusion.add(label, image.predicted);
      if (side_rule) {
        side.add(side_rule->among_all(output, net.task_sizes), label, net.offset(task), net.offset(task + 1));
        logits.add({output.logits.begin(), output.logits.end()}, label, net.offset(task), net.offset(task + 1));
      }
      for (size_t c = 0; c < evaluation.mean_logits.size(); ++c) evaluation.mean_logits[c] += output.logits[c];
      if (visit) visit(image);
    };
    const bool rules_need_features = rule.needs_features() || (side_rule && side_rule->needs_features());
    for_each_output(net, set, subset.images, with_features || rules_need_features, test);
    const auto images = static_cast<double>(subset.size());
    evaluation.task_aware.push_back(right.aware / images);
    evaluation.task_agnostic.push_back(right.agnostic / images);
    evaluation.top5.push_back(right.top5 / images);
    if (!side_rule) continue;
    side.report(evaluation.by_side_rule, images);
    logits.report(evaluation.by_logits, images);
  }
  for (double& sum : evaluation.mean_logits) sum /= static_cast<double>(evaluation.confusion.total());
  return evaluation;
}

}  // namespace mneme
