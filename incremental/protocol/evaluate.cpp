#include "incremental/protocol/evaluate.h"

#include <algorithm>

namespace mneme {
namespace {

int argmax(const ClassScores& scores, int begin, int end) {
  return static_cast<int>(std::max_element(scores.begin() + begin, scores.begin() + end) - scores.begin());
}

constexpr int highest = 5;  // of top-5 accuracy

/// What one task's test images were answered.
struct Counts {
  int aware = 0, agnostic = 0, top5 = 0;
};

}  // namespace

void each_answer(IncrementalNet& net, const ImageSource& set, std::span<const int> images, bool with_features,
                 const AnswerVisit& visit, const Showing& showing, int batch_size) {
  NoGrad numbers_only;
  std::vector<BatchRequest> batches = in_batches(images, batch_size);
  size_t first = 0;
  for (BatchRequest& batch : batches) {
    batch.augmentation = showing.augmentation;
    batch.draws = showing.draws;
    batch.draws.first_sample += static_cast<uint32_t>(first);
    first += batch.images.size();
  }
  set.expect(batches);
  size_t i = 0;
  for (const BatchRequest& batch : batches) {
    const NetOutput output = net.forward(set.assemble(batch), inference_mode);
    const std::vector<float> logits = output.scores.logits.floats(),
                             features = with_features ? output.features.pooled.floats() : std::vector<float>{};
    const size_t count = batch.images.size(), classes = logits.size() / count, width = features.size() / count;
    for (size_t n = 0; n < count; ++n)
      visit(i++, {{logits.data() + n * classes, classes}, {features.data() + n * width, width}});
  }
}

Answers answers(IncrementalNet& net, const ImageSource& set, std::span<const int> images, bool with_features,
                int batch_size) {
  Answers out;
  const AnswerVisit keep = [&](size_t, const Answer& answer) {
    out.logits.emplace_back(answer.logits.begin(), answer.logits.end());
    if (with_features) out.features.emplace_back(answer.features.begin(), answer.features.end());
  };
  each_answer(net, set, images, with_features, keep, {}, batch_size);
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

Tally evaluate(IncrementalNet& net, const ImageSource& set, const std::vector<Pool>& pools,
               const PredictionRule& rule) {
  Tally tally{{}, {}, {}, ConfusionMatrix(net.classes()), std::vector<double>(static_cast<size_t>(net.classes()), 0.0)};
  for (int task = 0; task < net.tasks(); ++task) {
    const Pool& pool = pools[static_cast<size_t>(task)];
    MNEME_CHECK(pool.size() > 0, "task {} has no test images; the data set's test part lacks its classes", task);
    Counts right;
    each_answer(net, set, pool.images, rule.needs_features(), [&](size_t i, const Answer& answer) {
      const int label = pool.labels[i];
      right.aware += argmax(rule.inside_task(answer), net.offset(task), net.offset(task + 1)) == label;
      const ClassScores scores = rule.among_all(answer, net.task_sizes);
      const int predicted = argmax(scores, 0, net.classes());
      right.agnostic += predicted == label;
      right.top5 += is_among_highest(scores, label, highest);
      tally.confusion.add(label, predicted);
      for (size_t c = 0; c < tally.mean_logits.size(); ++c) tally.mean_logits[c] += answer.logits[c];
    });
    const auto images = static_cast<double>(pool.size());
    tally.task_aware.push_back(right.aware / images);
    tally.task_agnostic.push_back(right.agnostic / images);
    tally.top5.push_back(right.top5 / images);
  }
  for (double& sum : tally.mean_logits) sum /= static_cast<double>(tally.confusion.total());
  return tally;
}

}  // namespace mneme
