#include "engine/ops.h"
#include "incremental/losses/prediction.h"
#include "incremental/regularisers/gradient_pass.h"
#include "incremental/regularisers/parameter_ops.h"
#include "incremental/regularisers/si.h"

namespace mneme {
namespace {

/// x / max x, which is in [0, 1] for x >= 0.
Tensor scaled_to_one(const Tensor& x) {
  double largest = 0;
  for (const double v : x.values()) largest = std::max(largest, v);
  return largest > 0 ? scale(x, 1 / largest) : x;
}

/// ReLU(path / (share F moved^2 + damping)).
Tensor path_score(const Tensor& path, const Tensor& fisher, const Tensor& moved, double share, double damping) {
  return relu(div(path, add_scalar(scale(mul(fisher, square(moved)), share), damping)));
}

/// The common part of both forms: the Fisher information, the score, and the loss they are computed from.
class RwalkPenalty : public SiPenalty {
 public:
  explicit RwalkPenalty(const ImportanceOptions& options)
      : SiPenalty(options.strength, !options.as_released), options_(options) {}

  void on_classes_added(IncrementalNet& net) override {
    SiPenalty::on_classes_added(net);
    for (Tensor* kept : {&fisher_, &score_})
      if (!*kept) *kept = Tensor::zeros(anchor_.shape(), anchor_.options());
  }
  void each_state(const std::string& at, const Visit& visit) override {
    SiPenalty::each_state(at, visit);
    visit(join(at, "fisher"), fisher_, StateKind::buffer);
    visit(join(at, "score"), score_, StateKind::buffer);
  }
  LossTerm* watched() override { return all_heads_.get(); }

 protected:
  ImportanceOptions options_;
  Tensor fisher_, score_;

 private:
  TermPointer all_heads_ = joint_cross_entropy();
};

/// FACIL's form: the Fisher information is computed in a pass after the task, and one score covers the task's whole
/// path.
class ReleasedWalk final : public RwalkPenalty {
 public:
  using RwalkPenalty::RwalkPenalty;

 private:
  void update_importance(const TaskEnd& end, const Tensor& now) override {
    fuse(fisher_, fisher_information(end, options_), options_.alpha, end.task);
    NoGrad numbers_only;
    const Tensor new_score = path_score(path_, fisher_, sub(now, anchor_), 1, options_.damping);
    score_.copy_from(scale(add(score_, new_score), 0.5));
    importance_.copy_from(add(fisher_, score_));
    path_.copy_from(Tensor::zeros(path_.shape(), path_.options()));
  }
};

/// The paper's form: both are computed during training.
class Walk final : public RwalkPenalty {
 public:
  using RwalkPenalty::RwalkPenalty;

  void on_classes_added(IncrementalNet& net) override {
    RwalkPenalty::on_classes_added(net);
    if (!mark_) mark_ = anchor_.clone();
    if (!gathered_) gathered_ = Tensor::zeros(anchor_.shape(), anchor_.options());
    if (!steps_) steps_ = Tensor::zeros({1}, anchor_.options());
  }
  void each_state(const std::string& at, const Visit& visit) override {
    RwalkPenalty::each_state(at, visit);
    visit(join(at, "mark"), mark_, StateKind::buffer);
    visit(join(at, "gathered"), gathered_, StateKind::buffer);
    visit(join(at, "steps"), steps_, StateKind::buffer);
  }
  std::string steps_differ_by() const override { return "every tenth looks at the importance of weights"; }

 private:
  static constexpr int stretch = 10;    // in steps
  static constexpr double decay = 0.9;  // of the moving average

  void after_step(const Tensor& values, const Tensor& gradient) override {
    NoGrad numbers_only;
    steps_.copy_from(add_scalar(steps_, 1));
    if (static_cast<int64_t>(steps_.item()) % stretch != 0) return;
    fisher_.copy_from(scale(fisher_, decay));
    add_squares(fisher_, gradient, 1 - decay);
    end_stretch(values);
  }

  void end_stretch(const Tensor& values) {
    const Tensor moved = sub(values, mark_);
    gathered_.copy_from(add(gathered_, path_score(path_, fisher_, moved, 0.5, options_.damping)));
    path_.copy_from(Tensor::zeros(path_.shape(), path_.options()));
    mark_.copy_from(values);
  }

  void update_importance(const TaskEnd& end, const Tensor& now) override {
    NoGrad numbers_only;
    end_stretch(now);
    score_.copy_from(end.task.task == 0 ? gathered_ : scale(add(score_, gathered_), 0.5));
    importance_.copy_from(add(scaled_to_one(fisher_), scaled_to_one(score_)));
    gathered_.copy_from(Tensor::zeros(gathered_.shape(), gathered_.options()));
  }

  Tensor mark_;      // the parameters at the stretch's start
  Tensor gathered_;  // the score of this task so far
  Tensor steps_;     // (1): steps done
};

}  // namespace

RegulariserPointer walk_penalty(const ImportanceOptions& options) {
  if (options.as_released) return std::make_shared<ReleasedWalk>(options);
  return std::make_shared<Walk>(options);
}

}  // namespace mneme
