#include "incremental/losses/prediction.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "incremental/losses/primitives.h"

namespace mneme {
namespace {

class CurrentCrossEntropy final : public LossTerm {
 public:
  explicit CurrentCrossEntropy(bool all_heads) : all_heads_(all_heads) {}
  bool is_cross_entropy(const TaskContext& task) const override {
    return all_heads_ || task.has_exemplars || task.task == 0;
  }

  // Labels are global. A softmax over the newest head is a softmax over all heads in which the old heads have weight 0.
  void begin_task(const TaskContext& task) override {
    offset_ = {};
    if (all_heads_ || task.has_exemplars || task.old_classes() == 0) return;
    std::vector<double> offset(static_cast<size_t>(task.classes()), 0.0);
    std::fill_n(offset.begin(), task.old_classes(), -std::numeric_limits<double>::infinity());
    offset_ = Tensor::from(offset, {task.classes()}, task.tensor_options);
  }

  Tensor loss(const BatchView& batch) override {
    return balanced_cross_entropy(batch.student.scores.logits, batch.labels, offset_);
  }

 private:
  bool all_heads_;
  Tensor offset_;  // undefined: all heads
};

class CosineCrossEntropy final : public LossTerm {
 public:
  void begin_task(const TaskContext& task) override { newest_->begin_task(task); }
  Tensor loss(const BatchView& batch) override {
    NetOutput unscaled;
    unscaled.scores.logits = batch.student.scores.cosines;
    MNEME_CHECK(unscaled.scores.logits, "cross-entropy of cosines needs a cosine classifier");
    return newest_->loss({unscaled, nullptr, batch.labels, batch.task});
  }

 private:
  TermPointer newest_ = current_cross_entropy();
};

class BinaryPrediction final : public LossTerm {
 public:
  explicit BinaryPrediction(const BinaryPredictionOptions& options) : options_(options) {}

  bool active(const TaskContext& task) const override {
    return !(options_.from_second_task && task.task == 0) && !(options_.without_exemplars && task.has_exemplars);
  }

  Tensor loss(const BatchView& batch) override {
    const int first = options_.all_heads || batch.task.has_exemplars ? 0 : batch.task.old_classes();
    const Tensor columns = slice_columns(batch.student.scores.logits, first, batch.task.classes());
    return binary_prediction(columns, batch.labels, first);
  }

 private:
  BinaryPredictionOptions options_;
};

class BinaryClassification final : public LossTerm {
 public:
  Tensor loss(const BatchView& batch) override {
    const int first = batch.task.old_classes();
    const Tensor columns = slice_columns(batch.student.scores.logits, first, batch.task.classes());
    return scale(binary_prediction(columns, batch.labels, first), batch.task.new_classes());
  }
};

class BalancedSoftmax final : public LossTerm {
 public:
  explicit BalancedSoftmax(double alpha) : alpha_(alpha) {
    MNEME_CHECK(alpha > 0, "balanced softmax: alpha must be positive, got {}", alpha);
  }

  bool is_cross_entropy(const TaskContext& task) const override { return task.task == 0 && equal_counts(task); }

  void begin_task(const TaskContext& task) override { log_weights_ = log_class_weights(task, alpha_); }

  Tensor loss(const BatchView& batch) override {
    return balanced_cross_entropy(batch.student.scores.logits, batch.labels, log_weights_);
  }

 private:
  double alpha_;
  Tensor log_weights_;
};

/// The weights are w_k = |D| / (N n_k), so that sum_k n_k w_k = |D|.
class RescaledCrossEntropy final : public LossTerm {
 public:
  bool is_cross_entropy(const TaskContext& task) const override { return task.task == 0 && equal_counts(task); }

  void begin_task(const TaskContext& task) override {
    const auto all =
        static_cast<double>(std::accumulate(task.class_counts.begin(), task.class_counts.end(), int64_t{0}));
    std::vector<double> weights;
    for (const int64_t count : task.class_counts)
      weights.push_back(count ? all / (task.classes() * static_cast<double>(count)) : 0);
    weights_ = Tensor::from(weights, {task.classes()}, task.tensor_options);
  }

  Tensor loss(const BatchView& batch) override {
    return weighted_cross_entropy(batch.student.scores.logits, batch.labels, weights_);
  }

 private:
  Tensor weights_;
};

class SeparatedSoftmax final : public LossTerm {
 public:
  bool is_cross_entropy(const TaskContext& task) const override { return task.task == 0; }
  Tensor loss(const BatchView& batch) override {
    return separated_cross_entropy(batch.student.scores.logits, batch.labels, batch.task.old_classes());
  }
};

class Nca final : public LossTerm {
 public:
  explicit Nca(double delta) : delta_(delta) {}
  Tensor loss(const BatchView& batch) override {
    const Scores& scores = batch.student.scores;
    MNEME_CHECK(scores.scale, "a margin of unscaled scores needs a classifier with a scale: choose cosine or proxies");
    return nca(scores.logits, batch.labels, scale(scores.scale.detach(), delta_));
  }

 private:
  double delta_;
};

class NcaAsReleased final : public LossTerm {
 public:
  Tensor loss(const BatchView& batch) override { return nca_as_released(batch.student.scores.logits, batch.labels); }
};

}  // namespace

Tensor log_class_weights(const TaskContext& task, double alpha) {
  // Only ratios matter. Dividing by the largest count makes equal counts leave the logits unchanged, bit for bit.
  const auto most = static_cast<double>(std::ranges::max(task.class_counts));
  std::vector<double> log_weights;
  for (int k = 0; k < task.classes(); ++k) {
    const double share = static_cast<double>(task.class_counts[static_cast<size_t>(k)]) / most;
    log_weights.push_back(std::log(share * (k < task.old_classes() ? alpha : 1.0)));
  }
  return Tensor::from(log_weights, {task.classes()}, task.tensor_options);
}

bool equal_counts(const TaskContext& task) {
  return std::ranges::adjacent_find(task.class_counts, std::not_equal_to{}) == task.class_counts.end();
}

TermPointer current_cross_entropy(bool all_heads) { return std::make_shared<CurrentCrossEntropy>(all_heads); }
TermPointer current_cross_entropy_of_cosines() { return std::make_shared<CosineCrossEntropy>(); }
TermPointer joint_cross_entropy() { return current_cross_entropy(true); }
TermPointer binary_prediction_term(const BinaryPredictionOptions& options) {
  return std::make_shared<BinaryPrediction>(options);
}
TermPointer binary_classification() { return std::make_shared<BinaryClassification>(); }
TermPointer balanced_softmax(double alpha) { return std::make_shared<BalancedSoftmax>(alpha); }
TermPointer rescaled_cross_entropy() { return std::make_shared<RescaledCrossEntropy>(); }
TermPointer nca_term(double delta) { return std::make_shared<Nca>(delta); }
TermPointer nca_term_as_released() { return std::make_shared<NcaAsReleased>(); }
TermPointer separated_softmax() { return std::make_shared<SeparatedSoftmax>(); }

}  // namespace mneme
