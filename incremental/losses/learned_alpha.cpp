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
    if (options.adam) check(*options.adam);
    MNEME_CHECK(
        options.lr >= 0 && options.least > 0 && options.most >= 1 && options.least <= 1,
        "learned balanced softmax: alpha starts at 1 and must stay positive, got learning rate {} and bounds {} to {}",
        options.lr, options.least, options.most);
  }

  bool is_cross_entropy(const TaskContext& task) const override { return task.task == 0 && equal_counts(task); }
  void each_state(const std::string& at, const Visit& visit) override {
    visit(join(at, "alpha"), alpha_, StateKind::buffer);
    if (!options_.adam) return;
    visit(join(at, "exp_avg"), mean_, StateKind::buffer);
    visit(join(at, "exp_avg_sq"), mean_square_, StateKind::buffer);
    visit(join(at, "step"), steps_, StateKind::buffer);
  }

  void begin_task(const TaskContext& task) override {
    task_ = task;
    set(1);
    for (Tensor* gathered : {&mean_, &mean_square_, &steps_}) put(*gathered, 0);
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
    const double direction = options_.adam ? adam(*options_.adam, derivative) : derivative;
    set(std::clamp(number() - options_.lr * direction, options_.least, options_.most));
  }

 private:
  static void check(const AdamOptions& adam) {
    MNEME_CHECK(adam.beta1 >= 0 && adam.beta1 < 1 && adam.beta2 >= 0 && adam.beta2 < 1 && adam.eps > 0,
                "Adam needs betas in [0, 1) and a positive eps, got {}, {} and {}", adam.beta1, adam.beta2, adam.eps);
  }
  static void put(Tensor& tensor, double value) { tensor.copy_from(Tensor::full({1}, value, tensor.options())); }

  /// Adds the derivative to the means of the derivatives and of their squares. Returns m / (sqrt(v) + eps), both
  /// corrected for their start at zero: Kingma and Ba, ICLR 2015, algorithm 1.
  double adam(const AdamOptions& o, double derivative) {
    const double steps = steps_.item() + 1;
    const double mean = o.beta1 * mean_.item() + (1 - o.beta1) * derivative;
    const double square = o.beta2 * mean_square_.item() + (1 - o.beta2) * derivative * derivative;
    put(steps_, steps);
    put(mean_, mean);
    put(mean_square_, square);
    return mean / (1 - std::pow(o.beta1, steps)) / (std::sqrt(square / (1 - std::pow(o.beta2, steps))) + o.eps);
  }

  void set(double alpha) {
    put(alpha_, alpha);
    remember_weights();
  }
  void remember_weights() { log_weights_ = log_class_weights(task_, weights_of_ = number()); }

  LearnedAlphaOptions options_;
  static Tensor one_number(double value) {
    return Tensor::full({1}, value, {Device::reference, DType::f64, Layout::plain});
  }
  Tensor alpha_ = one_number(1), mean_ = one_number(0), mean_square_ = one_number(0), steps_ = one_number(0);
  TaskContext task_;
  Tensor log_weights_;
  double weights_of_ = 0;
};

}  // namespace

TermPointer learned_balanced_softmax(const LearnedAlphaOptions& options) {
  return std::make_shared<LearnedAlpha>(options);
}

}  // namespace mneme
