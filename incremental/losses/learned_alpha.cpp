#include <algorithm>
#include <cmath>

#include "engine/ops.h"
#include "incremental/losses/meta_learned_term.h"
#include "incremental/losses/prediction.h"
#include "incremental/losses/primitives.h"

namespace mneme {
namespace {

class LearnedAlpha final : public MetaLearnedTerm {
 public:
  explicit LearnedAlpha(const LearnedAlphaOptions& options) : options_(options) {
    MNEME_CHECK(options.lr >= 0 && options.least > 0 && options.most >= 1 && options.least <= 1,
                "learned balanced softmax: alpha starts at 1 and must stay positive, got learning rate {} and bounds {} to {}",
                options.lr, options.least, options.most);
  }

  bool is_cross_entropy(const TaskContext& task) const override { return task.task == 0 && equal_counts(task); }
  void each_state(const std::string& at, const Visit& visit) override {
    visit(join(at, "alpha"), alpha_, StateKind::buffer);
  }

  void begin_task(const TaskContext& task) override {
    task_ = task;
    set(1);
  }

  Tensor loss(const BatchView& batch) override {
    if (weights_of_ != number()) remember_weights();  // alpha was restored from a checkpoint
    return balanced_cross_entropy(batch.student.scores.logits, batch.labels, log_weights_);
  }

  double number() const override { return alpha_.item(); }

  /// V_ik = q_ik ([k old] - Q_i) / (B alpha) with Q_i the sum of q_i over old classes:
  /// docs/methods/balanced-softmax.md#meta-gradient-derivative.
  Tensor mixed_derivative(const BatchView& batch) const override {
    NoGrad numbers_only;
    const Tensor logits = batch.student.scores.logits.detach();
    std::vector<double> old(static_cast<size_t>(task_.classes()), 0.0);
    std::fill_n(old.begin(), task_.old_classes(), 1.0);
    const Tensor is_old = Tensor::from(old, {1, task_.classes()}, task_.tensor_options);
    const Tensor q = softmax(add(logits, log_class_weights(task_, number())));
    const Tensor of_old = sum_last(mul(q, is_old));
    return scale(mul(q, sub(is_old, of_old)), 1 / (static_cast<double>(logits.dim(0)) * number()));
  }

  void learn(double derivative) override {
    set(std::clamp(number() - options_.lr * derivative, options_.least, options_.most));
  }

 private:
  void set(double alpha) {
    alpha_.copy_from(Tensor::full({1}, alpha, alpha_.options()));
    remember_weights();
  }
  void remember_weights() { log_weights_ = log_class_weights(task_, weights_of_ = number()); }

  LearnedAlphaOptions options_;
  Tensor alpha_ = Tensor::full({1}, 1, {Device::reference, DType::f64, Layout::plain});
  TaskContext task_;
  Tensor log_weights_;
  double weights_of_ = 0;
};

}  // namespace

TermPointer learned_balanced_softmax(const LearnedAlphaOptions& options) {
  return std::make_shared<LearnedAlpha>(options);
}

}  // namespace mneme
