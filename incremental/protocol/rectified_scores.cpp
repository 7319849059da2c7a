#include <algorithm>
#include <cmath>

#include "incremental/protocol/input_transform.h"
#include "incremental/protocol/prediction_rule.h"
#include "incremental/protocol/saved_rule.h"

namespace mneme {
namespace {

Tensor longer(const Tensor& old, int64_t size) {
  std::vector<double> values = old ? old.values() : std::vector<double>{};
  values.resize(static_cast<size_t>(size), 0.0);
  return Tensor::from(values, {size}, {Device::reference, DType::f64, Layout::plain});
}

class RectifiedScores final : public PredictionRule {
 public:
  explicit RectifiedScores(const RectifiedOptions& options) : options_(options) {}
  std::string name() const override { return options_.of_logits ? "rectified-logits" : "rectified"; }

  void on_classes_added(IncrementalNet& net) override {
    first_ = longer(first_, net.classes());
    now_ = longer(now_, net.classes());
    confidence_ = longer(confidence_, net.tasks());
  }
  void each_state(const std::string& at, const Visit& visit) override {
    visit(join(at, "first"), first_, StateKind::buffer);
    visit(join(at, "now"), now_, StateKind::buffer);
    visit(join(at, "confidence"), confidence_, StateKind::buffer);
  }

  void end_task(const TaskEnd& end) override {
    std::vector<double> own(static_cast<size_t>(end.task.classes()), 0.0), count(own.size(), 0.0);
    double best = 0, new_images = 0;
    const OutputVisitor add = [&](size_t i, const ImageOutput& output) {
      const std::vector<double> scores = scores_of(output.logits);
      const auto label = static_cast<size_t>(end.trained_on.labels[i]);
      own[label] += scores[label];
      ++count[label];
      if (end.trained_on.labels[i] < end.task.old_classes()) return;
      best += *std::max_element(scores.begin(), scores.end());
      ++new_images;
    };
    for_each_output(end.net, end.images, end.trained_on.images, false, add, transform_of(end, options_.augmented));
    for (size_t c = 0; c < own.size(); ++c) now_.data<double>()[c] = count[c] > 0 ? own[c] / count[c] : 0;
    for (size_t c = static_cast<size_t>(end.task.old_classes()); c < own.size(); ++c)
      first_.data<double>()[c] = now_.data<double>()[c];
    confidence_.data<double>()[end.task.task] = best / new_images;
  }

  ClassScores among_all(const ImageOutput& output, const std::vector<int>& task_sizes) const override {
    std::vector<double> scores = scores_of(output.logits);
    const auto old = scores.size() - static_cast<size_t>(task_sizes.back());
    const auto largest = static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
    if (largest >= old) rectify(scores, task_sizes);
    return {scores.begin(), scores.end()};
  }

 private:
  std::vector<double> scores_of(std::span<const float> logits) const {
    return options_.of_logits ? std::vector<double>(logits.begin(), logits.end()) : softmax_of(logits);
  }

  void rectify(std::vector<double>& scores, const std::vector<int>& task_sizes) const {
    const double *first = first_.data<double>(), *now = now_.data<double>(), *confidence = confidence_.data<double>();
    size_t c = 0;
    for (size_t task = 0; task + 1 < task_sizes.size(); ++task)
      for (int k = 0; k < task_sizes[task]; ++k, ++c)
        if (now[c] != 0) scores[c] *= first[c] / now[c] * confidence[task_sizes.size() - 1] / confidence[task];
  }

  RectifiedOptions options_;
  Tensor first_, now_;  // (classes): mean own score when the class was new, and after the last task
  Tensor confidence_;   // (tasks): conf_u
};

}  // namespace

RulePointer rectified_scores(const RectifiedOptions& options) { return std::make_shared<RectifiedScores>(options); }

}  // namespace mneme
