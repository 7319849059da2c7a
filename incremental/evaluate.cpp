#include "incremental/evaluate.h"

#include <algorithm>

namespace mneme {
namespace {

void append_rows(std::vector<std::vector<float>>& rows, const Tensor& x) {
  const std::vector<float> flat = x.floats();
  const int64_t width = x.dim(1);
  for (int64_t n = 0; n < x.dim(0); ++n) rows.emplace_back(flat.begin() + n * width, flat.begin() + (n + 1) * width);
}

int argmax(const ClassScores& scores, int begin, int end) {
  return static_cast<int>(std::max_element(scores.begin() + begin, scores.begin() + end) - scores.begin());
}

}  // namespace

Answers answers(IncrementalNet& net, const ImageSource& set, std::span<const int> images, bool with_features,
                int batch_size) {
  NoGrad numbers_only;
  Answers out;
  const std::vector<BatchRequest> batches = in_batches(images, batch_size);
  set.expect(batches);
  for (const BatchRequest& batch : batches) {
    const NetOutput output = net.forward(set.assemble(batch), inference_mode);
    append_rows(out.logits, output.scores.logits);
    if (with_features) append_rows(out.features, output.features.pooled);
  }
  return out;
}

Tally evaluate(IncrementalNet& net, const ImageSource& set, const std::vector<Pool>& pools,
               const PredictionRule& rule) {
  Tally tally{{}, {}, ConfusionMatrix(net.classes()), std::vector<double>(static_cast<size_t>(net.classes()), 0.0)};
  for (int task = 0; task < net.tasks(); ++task) {
    const Pool& pool = pools[static_cast<size_t>(task)];
    MNEME_CHECK(pool.size() > 0, "task {} has no test images; the data set's test part lacks its classes", task);
    const Answers given = answers(net, set, pool.images, rule.needs_features());
    int aware = 0, agnostic = 0;
    for (size_t i = 0; i < pool.size(); ++i) {
      const Answer answer{given.logits[i], rule.needs_features() ? given.features[i] : std::span<const float>{}};
      aware += argmax(rule.inside_task(answer), net.offset(task), net.offset(task + 1)) == pool.labels[i];
      const int predicted = argmax(rule.among_all(answer, net.task_sizes), 0, net.classes());
      agnostic += predicted == pool.labels[i];
      tally.confusion.add(pool.labels[i], predicted);
      for (size_t c = 0; c < tally.mean_logits.size(); ++c) tally.mean_logits[c] += given.logits[i][c];
    }
    tally.task_aware.push_back(aware / static_cast<double>(pool.size()));
    tally.task_agnostic.push_back(agnostic / static_cast<double>(pool.size()));
  }
  for (double& sum : tally.mean_logits) sum /= static_cast<double>(tally.confusion.total());
  return tally;
}

}  // namespace mneme
